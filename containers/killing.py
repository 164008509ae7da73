"""Ends what a shell started, by the marker in its environment: the engine cannot kill an exec."""

import asyncio

from containers import kill_script
from engine.engine import Engine
from engine.errors import Conflict, EngineDown, EngineError, NotFound
from engine.threads import door

SECONDS = 15.0
MOST_OWNERS = 16
MOST_OUTPUT = 64 * 1024


async def kill_shell(engine: Engine, container_id: str, marker: str) -> bool:
    """Whether nothing of it is left; False also where the container has no shell to find out.

    Raises EngineError where the engine cannot be asked, TimeoutError where it does not end.
    """
    if not await runs(engine, container_id):
        return True
    async with asyncio.timeout(SECONDS):
        left, owners = await run_as(engine, container_id, marker, "0:0")
        if left is None:
            return False
        for owner in owners[:MOST_OWNERS]:
            left += (await run_as(engine, container_id, marker, owner))[0] or 0
    return left == 0


async def runs(engine: Engine, container_id: str) -> bool:
    try:
        inspect = await door.run(engine.commands.inspect_container, container_id)
    except NotFound:
        return False
    state = inspect.get("State") or {}
    if state.get("Paused"):
        raise Conflict("The container is paused: nothing in it can be ended until it goes on.")
    return bool(state.get("Running"))


async def run_as(
    engine: Engine, container_id: str, marker: str, user: str
) -> tuple[int | None, list[str]]:
    """One run of the script; (None, []) where the container has no shell to run it."""
    argv = kill_script.argv(marker)
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
