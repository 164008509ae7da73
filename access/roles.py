"""The ready roles as data: which rights each has by itself, and which a grant may add."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.rights import RIGHTS, Danger


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")
    DEVELOPER = "developer", _("Developer")
    HOST_ADMIN = "host-admin", _("Host admin")


_SEEING = (
    *("host.see", "container.see", "container.logs"),
    *("image.see", "image.search", "network.see", "volume.see"),
)
_OWN_RECORD = ("job.see", "job.cancel", "audit.see", "audit.export")
_RUNNING = ("start", "stop", "restart", "kill", "pause", "unpause", "rename")
_VIEWER = frozenset((*_SEEING, *_OWN_RECORD))
_OPERATOR = _VIEWER | {f"container.{verb}" for verb in _RUNNING} | {"image.pull", "registry.use"}
_MAKING = {
    "container.create",
    "container.remove",
    "image.build",
    "image.load",
    "image.push",
    "image.tag",
    "image.remove",
}
_MAKING |= {f"container.{verb}" for verb in ("duplicate", "edit", "recreate", "forget")}
_CHANGING = {"container.update", "container.connect", "container.disconnect"}
_NETWORKS = {"network.use", "network.create", "network.remove"}
_VOLUMES = {"volume.use", "volume.create", "volume.remove"}
_DEVELOPER = _OPERATOR | _MAKING | _CHANGING | _NETWORKS | _VOLUMES
_INSIDE = {"container.exec", "container.files_read", "container.files_write", "container.export"}
_INSIDE |= {"container.attach", "container.commit"}
_INSIDE |= {"image.save", "image.files_read"}  # of images that they may see
_HOST_ADMIN = _DEVELOPER | _INSIDE | {"container.beyond_fence"}  # where the host's switch is on
_HOST_ADMIN = _HOST_ADMIN | {"terminal.watch", "terminal.end"}
_PRUNED = ("container", "image", "volume", "network", "build")
_HOST_ADMIN = _HOST_ADMIN | {f"{what}.prune" for what in _PRUNED}

RIGHTS_OF: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.DEVELOPER: _DEVELOPER,
    Role.HOST_ADMIN: _HOST_ADMIN,
}
# A tick on the grant; never implied by another right.
OPT_INS: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: frozenset(),
    Role.OPERATOR: frozenset(),
    Role.DEVELOPER: frozenset(_INSIDE | {"container.reveal_env"}),
    Role.HOST_ADMIN: frozenset({"container.exec_root", "container.reveal_env"}),
}
# Reads everything and changes nothing; what leads into a container or to its secrets is no reading.
AUDITOR: frozenset[str] = frozenset(
    right.name for right in RIGHTS.values() if right.danger is Danger.READ
)
# What each tick means, in the words of the page where it is set.
WARNINGS: Mapping[str, str | Promise] = {
    "container.exec": _(
        "Runs any command as the container's own user. In a privileged container, or one that"
        " mounts the engine's socket, that is root on the host."
    ),
    "container.exec_root": _(
        "Runs any command as any user, root included: everything that the container can reach."
    ),
    "container.attach": _(
        "Types into the container's main process and reads what it writes: whatever that program"
        " does for whoever types. In a container that runs a shell, that is its user, often root."
    ),
    "container.files_read": _(
        "The engine reads as root inside the container: every file, secrets and keys included,"
        " whatever its permissions. The files of the team's volumes, too."
    ),
    "container.export": _(
        "The whole file system of a container as one file, secrets and keys included."
    ),
    "container.commit": _(
        "Whatever is in a container's file system and variables, secrets and keys included, in an"
        " image of the team's, for all who may use that."
    ),
    "image.save": _("The whole of an image as a file, with whatever was left in its layers."),
    "image.files_read": _("Every file of an image, whatever its permissions."),
    "container.files_write": _(
        "The engine writes as root inside the container: it can replace the program that runs"
        " there."
    ),
    "container.reveal_env": _("Shows passwords and tokens that are masked everywhere else."),
}


def rights_of(role: Role, extras: frozenset[str]) -> frozenset[str]:
    """What a grant gives: ticks that its role does not offer count for nothing."""
    return RIGHTS_OF[role] | (extras & OPT_INS[role])
