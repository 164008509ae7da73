"""How a terminal ends, in words for its person, as a close code, and as the record says it."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from django.utils import translation
from django.utils.translation import gettext as _

from audit.models import Result
from containers.terminal_wire import news
from engine.engine import Engine
from engine.errors import NotFound
from engine.threads import door
from web.sockets import ENDED, GONE, IDLE

SETTLE_SECONDS, SETTLE_STEP = 2.0, 0.05
KILLED = 137  # 128 + SIGKILL


class EndKind(StrEnum):
    EXITED = "exited"  # by itself
    FAILED = "failed"  # it never started
    CLOSED = "closed"  # by its person
    LEFT = "left"  # nobody came back
    IDLE = "idle"
    CONTAINER_STOPPED = "container-stopped"
    CONTAINER_GONE = "container-gone"
    CUT = "cut"  # the engine hung up on a command that goes on
    ENGINE_LOST = "engine-lost"
    STOPPING = "server-stopping"


SURVIVED = (EndKind.CLOSED, EndKind.LEFT, EndKind.IDLE, EndKind.CUT, EndKind.STOPPING)
CODES = {EndKind.IDLE: IDLE, EndKind.CONTAINER_GONE: GONE}


@dataclass(frozen=True, slots=True)
class End:
    """``killed``: nothing that the shell started is left running (it may be, after an exit)."""

    kind: EndKind
    exit_code: int | None = None
    detail: str = ""
    killed: bool = True

    @property
    def kills(self) -> bool:
        """Whether its processes outlive it. Those that an exit leaves were left on purpose."""
        return self.kind in (*SURVIVED, EndKind.ENGINE_LOST)

    @property
    def close_code(self) -> int:
        return CODES.get(self.kind, ENDED)

    @property
    def result(self) -> Result:
        failed = self.kind in (EndKind.FAILED, EndKind.CUT, EndKind.ENGINE_LOST) or not self.killed
        return Result.FAILED if failed else Result.OK

    def news(self, language: str) -> bytes:
        event = "exited" if self.kind is EndKind.EXITED else "ended"
        with translation.override(language):
            reason = self.sentence()
        return news(event, exit_code=self.exit_code, kind=self.kind.value, reason=reason)

    def sentence(self) -> str:
        sentence = {
            EndKind.EXITED: _("Exited with code %(code)s."),
            EndKind.FAILED: "%(detail)s",
            EndKind.CLOSED: _("You ended this terminal."),
            EndKind.LEFT: _("Nobody came back to this terminal in time, so it was ended."),
            EndKind.IDLE: _("No key was pressed for so long that this terminal was ended."),
            EndKind.CONTAINER_STOPPED: _("The container stopped."),
            EndKind.CONTAINER_GONE: _("The container was removed."),
            EndKind.CUT: _("The engine closed the connection to this terminal."),
            EndKind.ENGINE_LOST: _("The engine was lost: %(detail)s"),
            EndKind.STOPPING: _("The server is restarting."),
        }[self.kind] % {"code": self.exit_code, "detail": self.detail}
        if self.killed:
            return sentence
        return sentence + " " + _("What it started may still run in the container.")


async def end_of_exec(engine: Engine, container_id: str, exec_id: str) -> End:
    """Why the output of an exec has ended. Raises EngineError where the engine cannot say."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    try:
        state = await door.run(engine.commands.exec_inspect, exec_id)
        while state.get("Running") and loop.time() < deadline:
            await asyncio.sleep(SETTLE_STEP)
            state = await door.run(engine.commands.exec_inspect, exec_id)
        if state.get("Running"):
            return End(EndKind.CUT)
        # A container's end kills its execs a moment before the engine calls it stopped.
        patience = SETTLE_SECONDS if state.get("ExitCode") == KILLED else 0.0
        if await stops_within(engine, container_id, patience):
            return End(EndKind.CONTAINER_STOPPED, state.get("ExitCode"))
    except NotFound:
        return await end_without_exec(engine, container_id)
    return End(EndKind.EXITED, state.get("ExitCode"))


async def stops_within(engine: Engine, container_id: str, seconds: float) -> bool:
    """Whether the container does not run, now or soon. Raises NotFound where it is gone."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        inspect = await door.run(engine.commands.inspect_container, container_id)
        if not (inspect.get("State") or {}).get("Running"):
            return True
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(SETTLE_STEP)


async def end_without_exec(engine: Engine, container_id: str) -> End:
    """The engine forgets an exec when its container is stopped for a while, or is removed."""
    try:
        await door.run(engine.commands.inspect_container, container_id)
    except NotFound:
        return End(EndKind.CONTAINER_GONE)
    return End(EndKind.CONTAINER_STOPPED)
