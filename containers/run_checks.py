"""What the run form tells while one types: asked of the mirror, never of the engine. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.command_line import to_line
from engine.snapshot import Snapshot
from engine.specs import ContainerSpec, PublishedPort
from engine.types import ContainerRow


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the panel; ``level`` is ok, info, warn or bad."""

    level: str
    text: str


def checks(
    spec: ContainerSpec, seen: Snapshot, whole: Snapshot, made: ContainerSpec | None = None
) -> list[Check]:
    """Image, name, host ports, limits, quotes; empty where nothing was entered yet.

    ``seen`` is the person's part of ``whole``: what stands in the way and is hidden has no name.
    ``made`` is what will be made of the spec, limits that a team has included.
    """
    parts = (
        image(spec, seen),
        name(spec, seen, whole),
        ports(spec, seen, whole),
        quotes(spec),
        limits(made or spec),
    )
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


def name(spec: ContainerSpec, seen: Snapshot, whole: Snapshot) -> Iterator[Check]:
    if not spec.name:
        return
    words = {"name": spec.name}
    if any(row.name == spec.name for row in seen.containers.values()):
        yield Check("bad", _("The name %(name)s is taken.") % words)
    elif any(row.name == spec.name for row in whole.containers.values()):
        yield Check("bad", _("The name %(name)s is taken by another team's container.") % words)
    else:
        yield Check("ok", _("The name %(name)s is free.") % words)


def ports(spec: ContainerSpec, seen: Snapshot, whole: Snapshot) -> Iterator[Check]:
    for port in spec.ports:
        if not port.host_port.isdigit():
            continue
        holder = holder_of(port, seen)
        words = {"port": port.host_port, "name": holder.name if holder else ""}
        if holder:
            yield Check("bad", _("Host port %(port)s is taken by %(name)s.") % words)
        elif holder_of(port, whole):
            told = _("Host port %(port)s is taken by another team's container.")
            yield Check("bad", told % words)
        else:
            yield Check("ok", _("No container has host port %(port)s.") % words)


def quotes(spec: ContainerSpec) -> Iterator[Check]:
    """A file of variables is read as ``--env-file`` reads it."""
    for name, value in spec.env:
        if len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]:
            words = _("%(name)s: the quotes are part of its value.")
            yield Check("info", words % {"name": name})


def expansions(spec: ContainerSpec, parts: Sequence[str]) -> Iterator[Check]:
    """Of a pasted line: what a shell would have replaced, as long as it stands somewhere."""
    text = "\n".join(shlex.split(to_line(spec)))
    for part in parts:
        if part in text:
            words = _("%(part)s stands as it is: a shell would have put its value there.")
            yield Check("warn", words % {"part": part})


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
