"""How a terminal ends, in words for its person, as a close code, and as the record says it."""

from dataclasses import dataclass
from enum import StrEnum
from signal import Signals

from django.utils import translation
from django.utils.translation import gettext as _

from audit.models import Result
from containers.terminal_wire import news
from web.sockets import ENDED, GONE, IDLE, LOGIN_OVER, RIGHT_LOST

SIGNALLED = 128  # a shell says 128 + the signal's number for what a signal ended
NOT_RUNNABLE, NOT_FOUND = 126, 127


class EndKind(StrEnum):
    EXITED = "exited"  # by itself
    FAILED = "failed"  # it never started
    CLOSED = "closed"  # by its person
    LEFT = "left"  # nobody came back
    IDLE = "idle"
    RIGHT_LOST = "right-lost"
    LOGIN_OVER = "login-over"
    OUT_OF_MEMORY = "out-of-memory"  # the kernel killed it; the container runs
    CONTAINER_STOPPED = "container-stopped"
    CONTAINER_OUT_OF_MEMORY = "container-out-of-memory"
    CONTAINER_RESTARTED = "container-restarted"
    CONTAINER_GONE = "container-gone"
    UNRECORDED = "unrecorded"  # its host wants a recording, and there can be none any more
    RECORDING_FULL = "recording-full"  # as long as a recording may get
    STOPPED_BY = "ended-by"  # by somebody who may end others' terminals
    DETACHED = "detached"  # by the engine's own keys
    CUT = "cut"  # the engine hung up on a command that goes on
    ENGINE_LOST = "engine-lost"
    STOPPING = "server-stopping"


class Leaving(StrEnum):
    """What a terminal's end does to the program in it."""

    KILLS = "kills"  # a command of its own
    GOES_ON = "goes-on"  # the container's main process
    CLOSES_INPUT = "closes-input"  # the same, made to take input only once


# What the command itself may outlive, so that it has to be killed.
SURVIVED = (
    EndKind.CLOSED,
    EndKind.LEFT,
    EndKind.IDLE,
    EndKind.RIGHT_LOST,
    EndKind.LOGIN_OVER,
    EndKind.UNRECORDED,
    EndKind.RECORDING_FULL,
    EndKind.STOPPED_BY,
    EndKind.DETACHED,
    EndKind.CUT,
    EndKind.ENGINE_LOST,
    EndKind.STOPPING,
)
FAILURES = (EndKind.FAILED, EndKind.UNRECORDED, EndKind.CUT, EndKind.ENGINE_LOST)
CODES = {
    EndKind.IDLE: IDLE,
    EndKind.RIGHT_LOST: RIGHT_LOST,
    EndKind.LOGIN_OVER: LOGIN_OVER,
    EndKind.CONTAINER_GONE: GONE,
}


@dataclass(frozen=True, slots=True)
class End:
    """``killed``: nothing that the shell started is left running (it may be, after an exit)."""

    kind: EndKind
    exit_code: int | None = None
    detail: str = ""
    killed: bool = True
    leaving: Leaving = Leaving.KILLS

    @property
    def kills(self) -> bool:
        """Whether its processes outlive it. Those that an exit leaves were left on purpose."""
        return self.kind in SURVIVED and self.leaving is Leaving.KILLS

    @property
    def goes_on(self) -> bool:
        """Whether a main process is left behind; of a lost engine nobody knows."""
        survived = self.kind in SURVIVED and self.kind is not EndKind.ENGINE_LOST
        return survived and self.leaving is not Leaving.KILLS

    @property
    def close_code(self) -> int:
        return CODES.get(self.kind, ENDED)

    @property
    def result(self) -> Result:
        failed = self.kind in FAILURES or not self.killed
        return Result.FAILED if failed else Result.OK

    def news(self, language: str) -> bytes:
        event = "exited" if self.kind is EndKind.EXITED else "ended"
        with translation.override(language):
            reason = self.sentence()
        return news(event, exit_code=self.exit_code, kind=self.kind.value, reason=reason)

    def sentence(self) -> str:
        told = sentences()
        if self.leaving is not Leaving.KILLS:
            told |= attached_sentences()
        sentence = told[self.kind] % {
            "code": self.exit_code,
            "meaning": meaning(self.exit_code),
            "detail": self.detail,
        }
        if self.goes_on:
            stop = "" if sentence.endswith((".", "!", "?")) else "."
            return f"{sentence}{stop} {what_goes_on(self.leaving)}"
        if self.killed:
            return sentence
        return sentence + " " + _("What it started may still run in the container.")


def sentences() -> dict[EndKind, str]:
    return {
        EndKind.EXITED: _("Exited with code %(code)s%(meaning)s."),
        EndKind.FAILED: "%(detail)s",
        EndKind.CLOSED: _("You ended this terminal."),
        EndKind.LEFT: _("Nobody came back to this terminal in time, so it was ended."),
        EndKind.IDLE: _("No key was pressed for so long that this terminal was ended."),
        EndKind.RIGHT_LOST: _("Your right to this terminal was taken away, so it was ended."),
        EndKind.LOGIN_OVER: _("You logged out, so this terminal was ended."),
        EndKind.OUT_OF_MEMORY: _(
            "The container had no memory left, so the kernel killed this (exit code %(code)s)."
        ),
        EndKind.CONTAINER_STOPPED: _("The container stopped."),
        EndKind.CONTAINER_OUT_OF_MEMORY: _("The container ran out of memory and was killed."),
        EndKind.CONTAINER_RESTARTED: _("The container was restarted."),
        EndKind.CONTAINER_GONE: _("The container was removed."),
        EndKind.UNRECORDED: _("This host records terminals, and this one was ended: %(detail)s."),
        EndKind.RECORDING_FULL: _(
            "The recording of this terminal is as long as one may get (%(detail)s), so it was"
            " ended. Start a new one."
        ),
        EndKind.STOPPED_BY: _("This terminal was ended by %(detail)s"),
        EndKind.DETACHED: _("Ctrl+P Ctrl+Q lets go of a terminal, so this one was ended."),
        EndKind.CUT: _("The engine closed the connection to this terminal."),
        EndKind.ENGINE_LOST: _("The engine was lost: %(detail)s"),
        EndKind.STOPPING: _("The server is restarting."),
    }


def attached_sentences() -> dict[EndKind, str]:
    """Of an attachment to a main process; what becomes of that follows."""
    return {
        EndKind.EXITED: _("The main process ended with code %(code)s%(meaning)s."),
        EndKind.CLOSED: _("You left."),
        EndKind.LEFT: _("Nobody came back in time, so this was left."),
        EndKind.IDLE: _("No key was pressed for so long that this was left."),
        EndKind.RIGHT_LOST: _("Your right to attach was taken away."),
        EndKind.LOGIN_OVER: _("You logged out, so this was left."),
        EndKind.UNRECORDED: _("This host records terminals, and this one was left: %(detail)s."),
        EndKind.RECORDING_FULL: _(
            "The recording is as long as one may get (%(detail)s), so this was left."
        ),
        EndKind.STOPPED_BY: _("This was ended by %(detail)s"),
        EndKind.DETACHED: _("You detached with Ctrl+P Ctrl+Q."),
        EndKind.CUT: _("The engine let go of this connection."),
    }


def what_goes_on(leaving: Leaving) -> str:
    if leaving is Leaving.CLOSES_INPUT:
        return _("That closed the input of the main process.")
    return _("The main process goes on.")


def meaning(code: int | None) -> str:
    """What a shell's exit code says beyond its number, in brackets; empty where it says nothing."""
    if code == NOT_RUNNABLE:
        return " (" + _("the command cannot be run") + ")"
    if code == NOT_FOUND:
        return " (" + _("the command was not found") + ")"
    try:
        return f" ({Signals(code - SIGNALLED).name})" if code else ""
    except ValueError:
        return ""
