"""Starting a terminal's command: the first that the container has, marked for its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from django.utils.translation import gettext

from containers import shells
from containers.shell_ends import End
from containers.shell_inquest import Run, end_of_exec
from containers.shells import ShellOrder
from engine.duplex import Duplex
from engine.engine import Engine
from engine.errors import Conflict, EngineSilent, NotFound, Refused
from engine.threads import door

FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.01, 0.3
LOOKS = 40


class Line(Protocol):
    """What a terminal needs of a connection; as engine.duplex.Duplex."""

    async def read(self) -> bytes: ...

    def write_at_once(self, data: bytes) -> bool: ...

    async def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shell:
    """What runs: ``name`` for its tab, ``duplex`` what it writes and reads.

    ``resize`` (rows, columns) in a thread; ``ended`` says why, once the output has ended.
    """

    name: str
    duplex: Line
    resize: Callable[[int, int], None]
    ended: Callable[[], Awaitable[End]]


@asynccontextmanager
async def started_shell(engine: Engine, order: ShellOrder, marker: str) -> AsyncIterator[Shell]:
    """Try each candidate. Raises Refused with the engine's words where none starts."""
    inspect = await door.run(engine.commands.inspect_container, order.target.id)
    run = Run(engine, order.target.id, str((inspect.get("State") or {}).get("StartedAt") or ""))
    env = shells.environment(marker, (inspect.get("Config") or {}).get("Env") or ())
    async with AsyncExitStack() as stack:
        yield await first_that_starts(stack, run, order, env)


async def first_that_starts(
    stack: AsyncExitStack, run: Run, order: ShellOrder, env: dict[str, str]
) -> Shell:
    tried = shells.candidates(order.argv)
    for argv in tried:
        try:
            return await stack.enter_async_context(started(run, order, argv, env))
        except Refused as refusal:
            if argv == tried[-1] or not shells.is_missing(refusal.message):
                raise
    raise AssertionError("there is always a candidate")


@asynccontextmanager
async def started(
    run: Run, order: ShellOrder, argv: tuple[str, ...], env: dict[str, str]
) -> AsyncIterator[Shell]:
    engine = run.engine
    exec_id = await door.run(
        engine.commands.exec_create,
        order.target.id,
        argv,
        tty=True,
        user=order.user,
        workdir=order.workdir,
        env=env,
    )
    async with engine.streams.exec_start(exec_id, tty=True) as duplex:
        await wait_for_process(engine, exec_id, duplex)
        with suppress(NotFound, Conflict, Refused):  # it may have ended already
            # Only now: before the process stands, the engine refuses.
            await door.run(engine.commands.exec_resize, exec_id, order.size.rows, order.size.cols)
        resize = partial(engine.commands.exec_resize, exec_id)
        yield Shell(" ".join(argv), duplex, resize, partial(end_of_exec, run, exec_id))


async def wait_for_process(engine: Engine, exec_id: str, duplex: Duplex) -> None:
    """Raises Refused with the engine's reason, which it sends as if it were output."""
    pause = FIRST_LOOK_SECONDS
    for _ in range(LOOKS):
        state = await door.run(engine.commands.exec_inspect, exec_id)
        if state.get("Pid"):
            return
        if state.get("ExitCode") is not None:
            said = await duplex.read()
            words = said.decode(errors="replace").strip()
            raise Refused(words or gettext("The command did not start."))
        await asyncio.sleep(pause)
        pause = min(2 * pause, LAST_LOOK_SECONDS)
    raise EngineSilent(gettext("The engine took the command and did not start it."))
