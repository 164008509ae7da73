"""What the run form tells while one types: asked of the mirror, never of the engine. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.snapshot import Snapshot
from engine.specs import ContainerSpec, PublishedPort
from engine.types import ContainerRow


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the panel; ``level`` is ok, info, warn or bad."""

    level: str
    text: str


def checks(spec: ContainerSpec, snapshot: Snapshot) -> list[Check]:
    """Image, name, host ports, limits; empty where nothing was entered yet."""
    parts = (image(spec, snapshot), name(spec, snapshot), ports(spec, snapshot), limits(spec))
    return [check for part in parts for check in part]


def image(spec: ContainerSpec, snapshot: Snapshot) -> Iterator[Check]:
    if not spec.image:
        return
    row = snapshot.find_image(spec.image)
    if spec.pull == "always":
        yield Check("info", _("The image is pulled first, for a newer one."))
    elif row is not None:
        yield Check("ok", _("The image is here (%(id)s).") % {"id": row.short_id})
    elif spec.pull == "never":
        yield Check("bad", _("The image is not here, and pulling is switched off."))
    else:
        yield Check("info", _("The image is not here: it is pulled first."))


def name(spec: ContainerSpec, snapshot: Snapshot) -> Iterator[Check]:
    if not spec.name:
        return
    if any(row.name == spec.name for row in snapshot.containers.values()):
        yield Check("bad", _("The name %(name)s is taken.") % {"name": spec.name})
    else:
        yield Check("ok", _("The name %(name)s is free.") % {"name": spec.name})


def ports(spec: ContainerSpec, snapshot: Snapshot) -> Iterator[Check]:
    for port in spec.ports:
        if not port.host_port.isdigit():
            continue
        holder = holder_of(port, snapshot)
        words = {"port": port.host_port, "name": holder.name if holder else ""}
        if holder:
            yield Check("bad", _("Host port %(port)s is taken by %(name)s.") % words)
        else:
            yield Check("ok", _("No container has host port %(port)s.") % words)


def holder_of(port: PublishedPort, snapshot: Snapshot) -> ContainerRow | None:
    """The container whose published port stands in the way."""
    everywhere = ("", "0.0.0.0", "::")  # noqa: S104  (compared, not bound)
    for row in snapshot.containers.values():
        for other in row.ports if row.running else ():
            same = (str(other.host_port), other.protocol) == (port.host_port, port.protocol)
            overlap = port.host_ip in (other.host_ip, *everywhere) or other.host_ip in everywhere
            if same and overlap:
                return row
    return None


def limits(spec: ContainerSpec) -> Iterator[Check]:
    if spec.image and not spec.memory:
        yield Check("warn", _("No memory limit: it may take all memory of the host."))
    if spec.image and spec.privileged:
        yield Check("warn", _("Privileged: it can do on the host whatever root can."))
