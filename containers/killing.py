"""Ends what a shell started, by the marker in its environment: the engine cannot kill an exec."""

import asyncio
from collections.abc import Collection

from django.utils.translation import gettext as _

from containers import kill_script
from engine.engine import Engine
from engine.errors import Conflict, EngineDown, EngineError, NotFound
from engine.threads import door

SECONDS = 15.0
MOST_OWNERS = 16
MOST_OUTPUT = 64 * 1024
MOST_TOGETHER = 100


class Round:
    """The shells of one container that wait to be killed: the next in turn takes all along.

    A hundred that are left at once (a browser that crashed, a server that stops) cost a few execs
    in the container, not a hundred.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting: dict[str, asyncio.Future[bool]] = {}

    async def kill(self, engine: Engine, container_id: str, marker: str) -> bool:
        done = self.waiting.setdefault(marker, asyncio.get_running_loop().create_future())
        async with self.turn:
            if not done.done():
                await self._kill_waiting(engine, container_id)
        return done.result()

    async def _kill_waiting(self, engine: Engine, container_id: str) -> None:
        """All get the same answer. Where this is cancelled, the next in turn tries again."""
        markers = list(self.waiting)[:MOST_TOGETHER]
        try:
            gone: bool | Exception = await kill_all(engine, container_id, markers)
        except (EngineError, TimeoutError) as error:
            gone = error
        for marker in markers:
            if done := self.waiting.pop(marker, None):
                done.set_exception(gone) if isinstance(gone, Exception) else done.set_result(gone)
                done.exception()  # it is no fault that whoever waited for it has given up


_rounds: dict[tuple[Engine, str], Round] = {}


async def kill_shell(engine: Engine, container_id: str, marker: str) -> bool:
    """Whether nothing of it is left; False also where the container has no shell to find out.

    Raises EngineError where the engine cannot be asked, TimeoutError where it does not end.
    """
    key = (engine, container_id)
    this = _rounds.setdefault(key, Round())
    try:
        return await this.kill(engine, container_id, marker)
    finally:
        this.waiting.pop(marker, None)
        if not this.waiting and not this.turn.locked():
            _rounds.pop(key, None)


async def kill_all(engine: Engine, container_id: str, markers: Collection[str]) -> bool:
    """As ``kill_shell``, for all of them."""
    if not await runs(engine, container_id):
        return True
    async with asyncio.timeout(SECONDS):
        left, owners = await run_as(engine, container_id, markers, "0:0")
        if left is None:
            return False
        for owner in owners[:MOST_OWNERS]:
            left += (await run_as(engine, container_id, markers, owner))[0] or 0
    return left == 0


async def runs(engine: Engine, container_id: str) -> bool:
    try:
        inspect = await door.run(engine.commands.inspect_container, container_id)
    except NotFound:
        return False
    state = inspect.get("State") or {}
    if state.get("Paused"):
        raise Conflict(_("The container is paused: nothing in it can be ended until it goes on."))
    return bool(state.get("Running"))


async def run_as(
    engine: Engine, container_id: str, markers: Collection[str], user: str
) -> tuple[int | None, list[str]]:
    """One run of the script; (None, []) where the container has no shell to run it."""
    argv = kill_script.argv(markers)
    try:
        exec_id = await door.run(
            engine.commands.exec_create, container_id, argv, tty=True, user=user
        )
        async with engine.streams.exec_start(exec_id, tty=True) as duplex:
            output = b""
            while len(output) < MOST_OUTPUT and (data := await duplex.read()):
                output += data
    except EngineDown:
        raise
    except EngineError:
        return None, []
    return kill_script.read(output.decode(errors="replace"))
