"""Why a terminal's output has ended, asked of the engine: only it knows, and not all at once."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from containers.shell_ends import SIGNALLED, End, EndKind
from engine.engine import Engine
from engine.errors import EngineError, NotFound
from engine.threads import door

SETTLE_SECONDS, SETTLE_STEP = 2.0, 0.05
RETURN_SECONDS = 1.0  # how long a restart leaves a container stopped, if nothing in it lingers
MEMORY_SECONDS = 5.0
KILLED = SIGNALLED + 9


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container: a restart makes another. ``started_at`` is the engine's own text."""

    engine: Engine
    container_id: str
    started_at: str = ""


async def end_of_exec(run: Run, exec_id: str) -> End:
    """Raises EngineError where the engine cannot say."""
    try:
        state = await settled(run, exec_id)
    except NotFound:  # the engine forgets an exec soon after its container has stopped
        return await end_of_container(run) or End(EndKind.CONTAINER_STOPPED)
    code = state.get("ExitCode")
    if state.get("Running"):
        return End(EndKind.CUT)
    # A container's end kills its execs a moment before the engine calls it stopped.
    if end := await end_of_container(run, code, SETTLE_SECONDS if code == KILLED else 0.0):
        return end
    if code == KILLED and await lacked_memory(run):
        return End(EndKind.OUT_OF_MEMORY, code)
    return End(EndKind.EXITED, code)


async def end_of_attachment(run: Run) -> End:
    """As ``end_of_exec``, of the container's main process."""
    end = await end_of_container(run, patience=SETTLE_SECONDS)
    if end is None:
        return End(EndKind.CUT)
    if end.kind is not EndKind.CONTAINER_STOPPED:
        return end
    try:
        inspect = await door.run(run.engine.commands.inspect_container, run.container_id)
    except NotFound:
        return End(EndKind.CONTAINER_GONE)
    return End(EndKind.EXITED, int((inspect.get("State") or {}).get("ExitCode") or 0))


async def settled(run: Run, exec_id: str) -> dict[str, Any]:
    """The exec, once it does not run any more, or after a while."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        state = await door.run(run.engine.commands.exec_inspect, exec_id)
        if not state.get("Running") or time.monotonic() >= deadline:
            return state
        await asyncio.sleep(SETTLE_STEP)


async def end_of_container(run: Run, code: int | None = None, patience: float = 0.0) -> End | None:
    """What became of the container; None where this run of it goes on for ``patience`` seconds.

    One that stopped is given a second to come back: then it was a restart.
    """
    stopped: End | None = None
    deadline = time.monotonic() + patience
    while True:
        try:
            inspect = await door.run(run.engine.commands.inspect_container, run.container_id)
        except NotFound:
            return End(EndKind.CONTAINER_GONE, code)
        state = inspect.get("State") or {}
        if started_again(run, state):
            return End(EndKind.CONTAINER_RESTARTED, code)
        if not state.get("Running") and stopped is None:
            dry = state.get("OOMKilled")
            kind = EndKind.CONTAINER_OUT_OF_MEMORY if dry else EndKind.CONTAINER_STOPPED
            stopped = End(kind, code)
            deadline = time.monotonic() + RETURN_SECONDS
        if time.monotonic() >= deadline:
            return stopped
        await asyncio.sleep(SETTLE_STEP)


def started_again(run: Run, state: dict[str, Any]) -> bool:
    if state.get("Restarting"):
        return True
    return bool(state.get("Running")) and run.started_at not in ("", state.get("StartedAt"))


async def lacked_memory(run: Run) -> bool:
    """Whether the kernel killed something in the container, for want of memory, just now."""
    now = time.time_ns()
    since = now - int(MEMORY_SECONDS * 1e9)
    try:
        async with (
            asyncio.timeout(SETTLE_SECONDS),
            run.engine.streams.events(since, until_ns=now, container=run.container_id) as events,
        ):
            async for event in events:
                if event.action == "oom":
                    return True
    except (EngineError, TimeoutError):
        pass  # then nobody knows
    return False
