"""What a build leaves on the engine beside its image, taken away again: steps that were not ended,
and stages that nothing is named after.

Whether an image is this build's own is told by what it is, never by what the output says alone: it
came after the beginning, has no name, is nobody's, and stands on one of the build's bases.
"""

import asyncio
from datetime import datetime

from access.book import book
from engine.answers import Json, bare_id, parse_time
from engine.engine import Engine
from engine.errors import Conflict, EngineError
from engine.threads import door
from images.build_output import Output

TRIES, PAUSE = 40, 0.5
MOST_STEPS = 1000


class Left:
    """``bases`` are the ids of the images that it is built from; "" stands for scratch."""

    def __init__(self, engine: Engine, output: Output, bases: frozenset[str]) -> None:
        self._engine, self._output, self._bases = engine, output, bases
        self._since: datetime | None = None

    async def begin(self) -> None:
        """Ask for the engine's own time, for its clock is not ours."""
        facts = await door.run(self._engine.commands.facts)
        self._since = parse_time(facts.raw.get("SystemTime"))

    def clear(self, everything: bool) -> None:
        """In the background: a step's container goes a moment after the build. ``everything`` is
        with the last stage."""
        stages = self._output.stages
        found = [*stages, self._output.last] if everything else stages[:-1]
        ids = [id for id in dict.fromkeys(found) if id and id not in self._bases]
        if ids:
            door.spawn(self._clear(ids), "what a build left")

    async def _clear(self, ids: list[str]) -> None:
        for id in ids:
            for _try in range(TRIES):
                if await door.run(self._gone, id):
                    break
                await asyncio.sleep(PAUSE)

    def _gone(self, id: str) -> bool:
        """Whether there is nothing more to do. A container of the build may be there still."""
        commands = self._engine.commands
        try:
            inspect = commands.inspect_image(id)
            if self._is_own(inspect):
                self._engine.helpers.release(image=bare_id(inspect["Id"]))
                commands.remove_image(bare_id(inspect["Id"]), force=False)
        except Conflict:
            return False
        except EngineError:
            return True
        return True

    def _is_own(self, inspect: Json) -> bool:
        made = parse_time(str(inspect.get("Created") or ""))
        held = book().holders(self._engine.name, "image", bare_id(str(inspect["Id"])))
        if inspect.get("RepoTags") or held.teams or held.users or held.shared:
            return False
        return bool(self._since and made and made >= self._since) and self._stands(inspect)

    def _stands(self, inspect: Json) -> bool:
        """Whether it is a step on top of one of the bases."""
        for _step in range(MOST_STEPS):
            parent = bare_id(str(inspect.get("Parent") or ""))
            if parent in self._bases or not parent:
                return parent in self._bases
            inspect = self._engine.commands.inspect_image(parent)
        return False
