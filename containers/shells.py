"""What runs in a terminal: the person's command, or the first shell that the image has. Pure."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from access.secrets import masked_words
from access.targets import ContainerTarget
from containers.shell_ends import Leaving
from containers.terminal_wire import Size

SHELLS = ("bash", "ash", "sh")
MARKER = "WHARFINGER_SESSION"
USUAL_SIZE = Size(80, 24)
TERM = "xterm-256color"
LANG = "C.UTF-8"
_MISSING = ("executable file not found", "no such file or directory: unknown", "not found in $path")


class BadCommand(ValueError):
    """A command line that cannot be cut into words; the sentence says why."""


@dataclass(frozen=True, slots=True)
class ShellOrder:
    """What to start: ``argv`` empty is "find a shell", ``user`` empty the container's own."""

    target: ContainerTarget
    argv: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    size: Size = USUAL_SIZE

    page: ClassVar[str] = "container-terminal"
    leaving: ClassVar[Leaving] = Leaving.KILLS
    takes_input: ClassVar[bool] = True

    @property
    def right(self) -> str:
        return "container.exec_root" if self.user else "container.exec"

    @property
    def command_line(self) -> str:
        """The equal ``docker exec`` line."""
        line = ["docker", "exec", "--interactive", "--tty"]
        line += ["--user", self.user] if self.user else []
        line += ["--workdir", self.workdir] if self.workdir else []
        line += [self.target.name or self.target.id[:12], *(self.argv or SHELLS[-1:])]
        return shlex.join(masked_words(line))

    @property
    def parameters(self) -> dict[str, Any]:
        """What the record says was asked for."""
        argv = masked_words(self.argv)
        return {"argv": argv, "user": self.user, "workdir": self.workdir}


def words(command: str) -> tuple[str, ...]:
    """The command's argv, cut as a shell cuts words; nothing is expanded. Empty for no command."""
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise BadCommand(str(error)) from error


def candidates(argv: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What to try in this order: the command itself, or each shell."""
    return (argv,) if argv else tuple((shell,) for shell in SHELLS)


def environment(marker: str, container_env: Iterable[str] = ()) -> dict[str, str]:
    """The exec's own variables. A locale that the container has is kept."""
    names = {pair.partition("=")[0] for pair in container_env}
    own = {"TERM": TERM, MARKER: marker}
    return own if names & {"LANG", "LC_ALL"} else {**own, "LANG": LANG}


def is_missing(sentence: str) -> bool:
    """Whether the engine says that the program itself is not there, so that the next is tried."""
    lowered = sentence.lower()
    return "chdir" not in lowered and any(words in lowered for words in _MISSING)
