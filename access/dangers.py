"""Containers that reach their host: to enter or start one is to be beyond the fence."""

from django.conf import settings
from django.utils.translation import gettext as _

from engine.types import ContainerRow, Mount

# What leads into a container, or brings its processes to life.
GUARDED = frozenset(
    {
        "container.exec",
        "container.exec_root",
        "container.files_read",
        "container.files_write",
        "container.start",
        "container.restart",
    }
)


def dangers(row: ContainerRow | None) -> tuple[str, ...]:
    """Why it is dangerous, in words for a badge; empty where it is not."""
    if row is None or row.dangers is None:
        return (_("not looked at yet"),)
    return row.dangers + tuple(
        f"{mount.source} → {mount.destination}"
        for mount in row.mounts
        if mount.kind not in ("volume", "tmpfs") and not harmless(mount)
    )


def harmless(mount: Mount) -> bool:
    """Whether the operator has allowed this very path of the host, and writing to it if it does."""
    writable = settings.BIND_ALLOW.get(mount.source)
    return writable is not None and (writable or not mount.writable)
