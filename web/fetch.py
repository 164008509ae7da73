"""Fetch and authorise in one call: the first line of every view.

Nobody holds an object without having passed the gate. No call to the engine, the mirror knows; but
of networks and volumes, which it has not.
"""

import re
from contextlib import suppress

from django.utils.translation import gettext as _

from access.errors import Denied, Hidden
from access.gate import may
from access.sight import seen
from access.targets import SITE, ContainerTarget, ImageTarget, NetworkTarget, Target, VolumeTarget
from engine.engine import Engine
from engine.errors import NotFound
from engine.network_rows import network_from
from engine.snapshot import Snapshot
from engine.volume_rows import volume_from
from hosts.live import engine_of
from web.request import Request
from web.routes import allow

_FULL_ID = re.compile(r"[0-9a-z]{25}|[0-9a-f]{64}")  # the shorter ones are a swarm's


def site(request: Request) -> None:
    allow(request, SITE)


def host(request: Request, slug: str) -> Engine:
    """The host's engine. Raises Hidden where there is none or it may not be seen."""
    engine = known(slug)
    allow(request, Target("host", slug, slug, slug))
    return engine


def snapshot(request: Request, slug: str) -> Snapshot:
    """As ``host``: what this person may see of it, so that every count of it is theirs."""
    return seen(request.actor, slug, host(request, slug).mirror.snapshot)


def sight(request: Request, slug: str) -> Snapshot:
    """What this person may see of a host whose object was fetched already."""
    return seen(request.actor, slug, known(slug).mirror.snapshot)


def container(request: Request, slug: str, container_id: str) -> ContainerTarget:
    """The container by its full id; a short id or a name is Hidden here."""
    row = known(slug).mirror.snapshot.containers.get(container_id)
    if row is None:
        with suppress(Denied):  # recorded it is, and gone it is, whoever asks
            allow(request, Target("container", container_id, "", slug))
        words = _("There is no container %(name)s on %(host)s.")
        raise Hidden(words % {"name": container_id[:12], "host": slug})
    target = ContainerTarget.of(slug, row)
    allow(request, target)
    return target


def image(request: Request, slug: str, image_id: str) -> ImageTarget:
    """The image by its full id, 64 hex digits."""
    row = known(slug).mirror.snapshot.images.get(image_id)
    if row is None:
        with suppress(Denied):
            allow(request, Target("image", image_id, "", slug))
        words = _("There is no image %(name)s on %(host)s.")
        raise Hidden(words % {"name": image_id[:12], "host": slug})
    target = ImageTarget.of(slug, row)
    allow(request, target)
    return target


def network(request: Request, slug: str, network_id: str) -> NetworkTarget:
    """The network by its full id, as the engine has it now; it is not asked for somebody who may
    see no network there."""
    engine, anyone = known(slug), Target("network", "", "", slug)
    if not any(may(request.actor, right, anyone) for right in ("network.see", request.right)):
        allow(request, Target("network", network_id, "", slug))
    try:
        if not _FULL_ID.fullmatch(network_id):
            raise NotFound(network_id)
        row = network_from(engine.commands.inspect_network(network_id))
    except NotFound as error:
        with suppress(Denied):
            allow(request, Target("network", network_id, "", slug))
        words = _("There is no network %(name)s on %(host)s.")
        raise Hidden(words % {"name": network_id[:12], "host": slug}) from error
    target = NetworkTarget.of(slug, row)
    allow(request, target)
    return target


def volume(request: Request, slug: str, volume_id: str) -> VolumeTarget:
    """The volume by its name, as the engine has it now; it is not asked for somebody who may see
    no volume there."""
    engine, anyone = known(slug), Target("volume", "", "", slug)
    if not any(may(request.actor, right, anyone) for right in ("volume.see", request.right)):
        allow(request, Target("volume", volume_id, "", slug))
    try:
        row = volume_from(engine.commands.inspect_volume(volume_id))
    except NotFound as error:
        with suppress(Denied):
            allow(request, Target("volume", volume_id, "", slug))
        words = _("There is no volume %(name)s on %(host)s.")
        raise Hidden(words % {"name": volume_id, "host": slug}) from error
    target = VolumeTarget.of(slug, row)
    allow(request, target)
    return target


def known(slug: str) -> Engine:
    try:
        return engine_of(slug)
    except NotFound as error:
        raise Hidden(error.message) from error
