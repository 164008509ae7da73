"""Images as one .tar, read at the engine's speed into the spool, under all the names they have."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from access import door
from access.actors import Actor
from access.targets import ImageTarget
from audit.models import Result
from engine.archive import whole
from engine.command_line import verb_line
from engine.engine import Engine
from engine.threads import door as loop
from hosts.live import engine_of
from images.naming import need_named
from transfers import recorded, spool
from transfers.downloads import Download

RIGHT = "image.save"


def begin(actor: Actor, targets: Sequence[ImageTarget]) -> Download:
    """Start it. Raises Denied or Hidden (recorded), TransferRefused 429, 507."""
    host, file, line = targets[0].host, file_name(targets), command_line(targets)
    outcomes: list[door.Outcome] = []
    try:
        for target in targets:
            outcomes.append(door.begin(actor, RIGHT, target, line, file=file))
        # Each layer is written once, so the largest of them is the least that there will be.
        spool.need_room(max(target.row.size for target in targets if target.row))
    except BaseException as error:
        for outcome in outcomes:
            door.finish(outcome, Result.FAILED, str(error) or type(error).__name__)
        raise
    engine = engine_of(host)
    return recorded.begin(
        actor.user_id or 0, file, None, lambda: saved(engine, targets), outcomes, of_what(targets)
    )


def of_what(targets: Sequence[ImageTarget]) -> str:
    """Which download it is: one that was cut goes on only for the same images."""
    return f"{targets[0].host}/images:" + ",".join(sorted(target.id for target in targets))


def references(target: ImageTarget) -> tuple[str, ...]:
    """What the engine is asked for: its tags, so that they are in the file; else its id."""
    return (target.row.tags if target.row else ()) or (target.id,)


def command_line(targets: Sequence[ImageTarget]) -> str:
    names = [name for target in targets for name in references(target)]
    short = [name[:12] if name in {target.id for target in targets} else name for name in names]
    return verb_line("save", "-o", file_name(targets), *short)


def file_name(targets: Sequence[ImageTarget]) -> str:
    if len(targets) > 1:
        return "images.tar"
    return re.sub(r"[^A-Za-z0-9._-]+", "_", targets[0].name) + ".tar"


@asynccontextmanager
async def saved(
    engine: Engine, targets: Sequence[ImageTarget]
) -> AsyncIterator[AsyncIterator[bytes]]:
    names = [name for target in targets for name in references(target)]
    await loop.run(need_same, engine, targets)
    async with engine.streams.save(names) as pieces:
        # The engine has looked up every name by now.
        await loop.run(need_same, engine, targets)
        async with aclosing(whole(pieces)) as content:
            yield content


def need_same(engine: Engine, targets: Sequence[ImageTarget]) -> None:
    """Raises Conflict where a name is another image's now: nobody has judged that one."""
    for target in targets:
        for name in references(target):
            need_named(engine, name, target.id)
