"""What the palette can do with a container, and in which of its states."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.types import ContainerRow

State = Callable[[ContainerRow], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    """``word`` is what one types, as on the command line; ``how`` the way it is gone: a page, a
    dialog that asks first, or a post that is done at once.
    """

    word: str
    label: str | Promise
    icon: str
    right: str
    below: str
    how: str
    fits: State


def always(row: ContainerRow) -> bool:
    return True


def stopped(row: ContainerRow) -> bool:
    return not row.running


def running(row: ContainerRow) -> bool:
    return row.running


def paused(row: ContainerRow) -> bool:
    return row.state == "paused"


def going(row: ContainerRow) -> bool:
    return row.state == "running"


VERBS = (
    Verb("logs", _("Logs"), "file-text", "container.logs", "logs/", "page", always),
    Verb("terminal", _("Terminal"), "terminal-2", "container.exec", "terminal/", "page", going),
    Verb("exec", _("Terminal"), "terminal-2", "container.exec", "terminal/", "page", going),
    Verb("start", _("Start"), "player-play", "container.start", "start/", "post", stopped),
    Verb("stop", _("Stop…"), "player-stop", "container.stop", "stop/", "dialog", running),
    Verb("restart", _("Restart…"), "refresh", "container.restart", "restart/", "dialog", running),
    Verb("pause", _("Pause"), "player-pause", "container.pause", "pause/", "post", going),
    Verb("unpause", _("Unpause"), "player-play", "container.unpause", "unpause/", "post", paused),
    Verb("kill", _("Kill…"), "bolt", "container.kill", "kill/", "dialog", running),
    Verb("files", _("Files"), "folder", "container.files_read", "files/", "page", always),
    Verb("stats", _("Stats"), "cpu", "container.see", "stats/", "page", going),
    Verb("inspect", _("Inspect"), "braces", "container.see", "inspect/", "page", always),
    Verb("rename", _("Rename…"), "pencil", "container.rename", "rename/", "dialog", always),
    Verb("edit", _("Change…"), "adjustments-horizontal", "container.edit", "edit/", "page", always),
    Verb("duplicate", _("Duplicate…"), "copy", "container.duplicate", "duplicate/", "page", always),
    Verb("delete", _("Delete…"), "trash", "container.remove", "remove/", "dialog", always),
    Verb("rm", _("Delete…"), "trash", "container.remove", "remove/", "dialog", always),
)
