"""Containers that reach their host: to enter or start one is to be beyond the fence."""

from contextlib import suppress

from django.conf import settings
from django.utils.translation import gettext as _

from access.targets import ContainerTarget, Target
from engine.errors import EngineError, NotFound
from engine.types import ContainerRow, Mount
from hosts.live import engine_of

LOOK_SECONDS = 2

# What leads into a container, brings its processes to life, or gives it more of its host.
GUARDED = frozenset(
    {
        "container.exec",
        "container.exec_root",
        "container.attach",
        "container.files_read",
        "container.files_write",
        "container.export",
        "container.commit",
        "container.start",
        "container.restart",
        "container.update",
        "container.connect",
        "container.edit",
        "container.recreate",
    }
)


def dangers(row: ContainerRow | None) -> tuple[str, ...]:
    """Why it is dangerous, in words for a badge; empty where it is not."""
    if row is None or row.dangers is None:
        return (_("not looked at yet"),)
    mounts = [mount for mount in row.mounts if mount.kind not in ("volume", "tmpfs")]
    return row.dangers + tuple(
        f"{mount.source} → {mount.destination}"
        for mount in (*mounts, *row.reaches)
        if not harmless(mount)
    )


def row_of(target: Target) -> ContainerRow | None:
    """As it is now, where the mirror knows it: a name that it had once decides nothing."""
    with suppress(NotFound):
        if now := engine_of(target.host).mirror.snapshot.containers.get(target.id):
            return now
    return target.row if isinstance(target, ContainerTarget) else None


def looked_at(target: Target) -> ContainerRow | None:
    """The same; what the mirror has not looked into yet is asked of the engine at once."""
    row = row_of(target)
    if row is not None and row.dangers is None:
        with suppress(EngineError):
            return engine_of(target.host).commands.container(row.id, LOOK_SECONDS)
    return row


def harmless(mount: Mount) -> bool:
    """Whether the operator has allowed this very path of the host, and writing to it if it does."""
    writable = settings.BIND_ALLOW.get(mount.source)
    return writable is not None and (writable or not mount.writable)
