"""Pages where something begins, on a host: each for who may begin it there."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.actors import Actor
from access.gate import may
from access.targets import Target
from dashboard.palette_things import Choice


@dataclass(frozen=True, slots=True)
class Task:
    """``right`` is judged on the host, or on what its kind would make there. ``word`` with a name
    behind it opens the page with ``query`` filled; "" where no name is to be given."""

    label: str | Promise
    icon: str
    right: str
    route: str
    word: str = ""
    query: str = ""


TASKS = (
    Task(_("Run a container"), "player-play", "container.create", "container-run", "run", "image"),
    Task(_("Pull an image"), "cloud-download", "image.pull", "image-pull", "pull", "reference"),
    Task(_("Search registries"), "search", "image.search", "image-search", "search", "q"),
    Task(_("Build an image"), "box", "image.build", "image-build"),
    Task(_("Load images"), "upload", "image.load", "image-load"),
    Task(_("Create a network"), "network", "network.create", "network-create"),
    Task(_("Create a volume"), "database", "volume.create", "volume-create"),
    Task(_("Events"), "bolt", "host.see", "event-list"),
    Task(_("Disk use by object"), "database", "host.see", "host-disk-objects"),
    Task(_("Prune containers"), "trash", "container.prune", "prune-containers"),
    Task(_("Prune images"), "trash", "image.prune", "prune-images"),
    Task(_("Prune volumes"), "trash", "volume.prune", "prune-volumes"),
    Task(_("Prune networks"), "trash", "network.prune", "prune-networks"),
    Task(_("Prune the build cache"), "trash", "build.prune", "prune-build-cache"),
    Task(_("Terminals of this host"), "terminal-2", "terminal.watch", "host-terminals"),
    Task(_("Fence of the host"), "lock", "host.manage", "host-fence"),
    Task(_("Settings of the host"), "settings", "host.manage", "host-settings"),
)
MAKING = ("container.create", "network.create", "volume.create")


def tasks(actor: Actor, host: str) -> Iterator[Choice]:
    for task in TASKS:
        if may(actor, task.right, judged(task, host)):
            url = reverse(task.route, args=[host])
            yield Choice(url, task.label, task.icon, host, host=host)


def begun(actor: Actor, host: str, word: str, name: str) -> Iterator[Choice]:
    """``pull nginx``: the page of that task, for a name that need not be here yet."""
    for task in TASKS:
        if task.word and task.word == word and may(actor, task.right, judged(task, host)):
            url = f"{reverse(task.route, args=[host])}?{task.query}={quote(name, '')}"
            label = gettext("%(task)s: %(name)s") % {"task": task.label, "name": name}
            yield Choice(url, label, task.icon, host, host=host)


def judged(task: Task, host: str) -> Target:
    if task.right in MAKING:
        return Target(task.right.partition(".")[0], "", "", host)
    return Target("host", host, host, host)
