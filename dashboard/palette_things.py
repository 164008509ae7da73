"""What has a name on a host, and what a palette's line is: of what one person may see.

From memory: mirrors, and the lists of networks and volumes as last asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.actors import Actor
from access.gate import may
from access.sight import seen
from access.targets import ContainerTarget, ImageTarget, NetworkTarget, Target, VolumeTarget
from engine.snapshot import Snapshot
from engine.types import ContainerRow, EngineState, ImageRow, NetworkRow
from engine.volume_rows import VolumeRow
from hosts import live
from images.listing import name_of
from networks import usable as networks_of
from volumes import usable as volumes_of
from web.states import chip_of

KINDS = {"image": _("Image"), "network": _("Network"), "volume": _("Volume")}
Row = ContainerRow | ImageRow | NetworkRow | VolumeRow


@dataclass(frozen=True, slots=True)
class Choice:
    """One line. ``how``: ``page``, ``dialog`` or ``post``; ``id`` is what its start finds, too.
    A thing has its ``kind`` and ``row``; ``named``: it is found by its label as well."""

    url: str
    label: str | Promise
    icon: str
    detail: str | Promise = ""
    how: str = "page"
    host: str = ""
    kind: str = ""
    row: Row | None = None
    id: str = ""
    named: bool = True


def target_of(choice: Choice) -> Target:
    """What the gate judges of a thing."""
    make: Callable[[str, Row | None], Target] = TARGETS[choice.kind]
    return make(choice.host, choice.row)


TARGETS: dict[str, Callable[..., Target]] = {
    "container": ContainerTarget.of,
    "image": ImageTarget.of,
    "network": NetworkTarget.of,
    "volume": VolumeTarget.of,
}


def things(actor: Actor, kinds: frozenset[str] = frozenset(TARGETS)) -> Iterator[Choice]:
    for slug, snapshot in snapshots(actor):
        for kind in TARGETS:
            if kind in kinds:
                yield from LISTS[kind](actor, slug, snapshot)


def snapshots(actor: Actor) -> Iterator[tuple[str, Snapshot]]:
    for slug in live.slugs():
        if may(actor, "host.see", Target("host", slug, slug, slug)):
            yield slug, seen(actor, slug, live.engine_of(slug).mirror.snapshot)


def containers(actor: Actor, slug: str, snapshot: Snapshot) -> Iterator[Choice]:
    base = reverse("container-list", args=[slug])
    for row in snapshot.containers.values():
        url, detail = f"{base}{row.id}/", f"{chip_of(row).word} · {slug}"
        yield Choice(url, row.name, "box", detail, "page", slug, "container", row, row.id)


def images(actor: Actor, slug: str, snapshot: Snapshot) -> Iterator[Choice]:
    base, detail = reverse("image-list", args=[slug]), f"{KINDS['image']} · {slug}"
    for row in snapshot.images.values():
        for name in filter(None, row.tags or (name_of(row),)):
            url = f"{base}{row.id}/"
            yield Choice(url, name, "stack-2", detail, "page", slug, "image", row, row.id)


def networks(actor: Actor, slug: str, snapshot: Snapshot) -> Iterator[Choice]:
    if snapshot.state != EngineState.UP:
        return
    base, detail = reverse("network-list", args=[slug]), f"{KINDS['network']} · {slug}"
    rows = live.engine_of(slug).networks.rows()
    for row in networks_of.visible(actor, slug, rows, snapshot):
        url = f"{base}{row.id}/"
        yield Choice(url, row.name, "network", detail, "page", slug, "network", row, row.id)


def volumes(actor: Actor, slug: str, snapshot: Snapshot) -> Iterator[Choice]:
    """Those that have a page. A name that the engine made up is found by its start alone: its
    letters say nothing."""
    if snapshot.state != EngineState.UP:
        return
    base, detail = reverse("volume-list", args=[slug]), f"{KINDS['volume']} · {slug}"
    rows = live.engine_of(slug).volumes.rows()
    for row in volumes_of.visible(actor, slug, rows, snapshot):
        if "/" in row.name:
            continue
        url, name, named = f"{base}{row.name}/", row.name, not row.anonymous
        label = name if named else name[:12]
        yield Choice(url, label, "database", detail, "page", slug, "volume", row, name, named=named)


LISTS: dict[str, Callable[[Actor, str, Snapshot], Iterator[Choice]]] = {
    "container": containers,
    "image": images,
    "network": networks,
    "volume": volumes,
}
