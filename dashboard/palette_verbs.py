"""What the palette can do with a thing, and in which of its states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.palette_things import Choice
from engine.types import ContainerRow, NetworkRow

State = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    """``word`` is what one types, as on the command line; ``leads`` is a piece of the address
    below the thing's own, or makes one; ``how`` the way it is gone: a page, a dialog that asks
    first, or a post that is done at once. ``anew``: something new is made, on the host.
    """

    word: str
    label: str | Promise
    icon: str
    right: str
    leads: str | Callable[[Choice], str]
    how: str
    fits: State
    kind: str = "container"
    anew: bool = False

    def address(self, choice: Choice) -> str:
        return choice.url + self.leads if isinstance(self.leads, str) else self.leads(choice)


def always(row: Any) -> bool:
    return True


def stopped(row: ContainerRow) -> bool:
    return not row.running


def running(row: ContainerRow) -> bool:
    return row.running


def paused(row: ContainerRow) -> bool:
    return row.state == "paused"


def going(row: ContainerRow) -> bool:
    return row.state == "running"


def made_here(row: NetworkRow) -> bool:
    return not row.predefined


def run_page(choice: Choice) -> str:
    return f"{reverse('container-run', args=[choice.host])}?image={quote(str(choice.label), '')}"


def pull_page(choice: Choice) -> str:
    return f"{reverse('image-pull', args=[choice.host])}?reference={quote(str(choice.label), '')}"


def tagged(row: Any) -> bool:
    return bool(row.tags)


OF_CONTAINERS = (
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
    Verb("attach", _("Attach"), "terminal-2", "container.attach", "attach/", "page", going),
    Verb("diff", _("Changes"), "list-tree", "container.see", "changes/", "page", always),
    Verb("commit", _("Commit as image…"), "stack-2", "container.commit", "commit/", "page", always),
    Verb("remove", _("Remove…"), "trash", "container.remove", "remove/", "dialog", always),
    Verb("delete", _("Remove…"), "trash", "container.remove", "remove/", "dialog", always),
    Verb("rm", _("Remove…"), "trash", "container.remove", "remove/", "dialog", always),
)
OF_IMAGES = (
    Verb(
        *("run", _("Run…"), "player-play", "container.create", run_page, "page", always),
        kind="image",
        anew=True,
    ),
    Verb("push", _("Push…"), "cloud-upload", "image.push", "push/", "page", always, "image"),
    Verb(
        *("pull", _("Pull again…"), "cloud-download", "image.pull", pull_page, "page", tagged),
        kind="image",
        anew=True,
    ),
    Verb("files", _("Files"), "folder", "image.files_read", "files/", "page", always, "image"),
    Verb("inspect", _("Inspect"), "braces", "image.see", "inspect/", "page", always, "image"),
    Verb("rmi", _("Remove…"), "trash", "image.remove", "remove/", "dialog", always, "image"),
    Verb("rm", _("Remove…"), "trash", "image.remove", "remove/", "dialog", always, "image"),
)
OF_NETWORKS = (
    Verb("inspect", _("Inspect"), "braces", "network.see", "inspect/", "page", always, "network"),
    Verb("rm", _("Remove…"), "trash", "network.remove", "remove/", "dialog", made_here, "network"),
)
OF_VOLUMES = (
    Verb("files", _("Files"), "folder", "container.files_read", "files/", "page", always, "volume"),
    Verb("inspect", _("Inspect"), "braces", "volume.see", "inspect/", "page", always, "volume"),
    Verb("rm", _("Remove…"), "trash", "volume.remove", "remove/", "dialog", always, "volume"),
)
VERBS = (*OF_CONTAINERS, *OF_IMAGES, *OF_NETWORKS, *OF_VOLUMES)
