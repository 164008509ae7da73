"""Hosts in the JSON API, and who asks."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from access.gate import may
from access.models import ApiToken
from access.rights import SIGNED_IN
from access.sight import sees_all
from access.targets import Target
from dashboard.disk_views import kinds_of
from hosts import live
from web import fetch
from web.operations import Operations, Out
from web.request import Request

hosts = Operations("hosts")


class HostOut(Out):
    """``state``: up, connecting, silent or down; ``seen_at``: when its engine last answered."""

    slug: str
    state: str
    error: str
    seen_at: datetime | None
    version: str
    api_version: str


class HostList(Out):
    items: list[HostOut]


class TokenOut(Out):
    """What the token may; its maker's rights bound it further."""

    id: int
    name: str
    rights: list[str]
    hosts: list[str]
    networks: list[str]
    expires: datetime


class Me(Out):
    """``token`` is null for a login."""

    user: str
    token: TokenOut | None


class DiskObject(Out):
    """``size`` in bytes: of an image all its layers, ``shared`` of them with other images; of a
    container what it wrote."""

    id: str
    name: str
    size: int
    shared: int
    used: bool


class DiskKind(Out):
    """The largest first; ``cut`` where there are more than 500."""

    kind: str
    items: list[DiskObject]
    cut: bool


class Disk(Out):
    """As measured ``at`` that time. ``part``: other teams' objects and the build cache are not
    for your eyes."""

    at: datetime
    part: bool
    kinds: list[DiskKind]


@hosts.get("/me", SIGNED_IN, Me)
def me(request: Request) -> Any:
    """Who asks, and what its token was given."""
    scope = request.actor.scope
    row = ApiToken.objects.get(pk=scope.token_id) if scope else None
    return Me(user=request.actor.username, token=TokenOut.from_orm(row) if row else None)


@hosts.get("/hosts", "host.see", HostList)
def host_list(request: Request) -> Any:
    """The hosts that you may see. All of them on one page: there are few."""
    fetch.site(request)
    seen = (s for s in live.slugs() if may(request.actor, "host.see", Target("host", s, s, s)))
    return HostList(items=[host_out(slug) for slug in seen])


def host_out(slug: str) -> HostOut:
    snapshot = live.engine_of(slug).mirror.snapshot
    facts = snapshot.facts
    return HostOut(
        slug=slug,
        state=snapshot.state.value,
        error=snapshot.error,
        seen_at=snapshot.seen_at,
        version=facts.version if facts else "",
        api_version=facts.api_version if facts else "",
    )


@hosts.get("/hosts/{host}/disk", "host.see", Disk)
def host_disk(
    request: Request,
    host: str,
    measure: Annotated[bool, Field(description="Again, which may take a minute.")] = False,
) -> Any:
    """Disk use by object, as ``docker system df -v`` tells it: of what you may see."""
    snapshot, usage = fetch.snapshot(request, host), fetch.known(host).usage
    measured = usage.measure() if measure or usage.last is None else usage.last
    kinds = [
        DiskKind(
            kind=each.kind, items=[DiskObject.from_orm(row) for row in each.rows], cut=each.cut
        )
        for each in kinds_of(request.actor, host, measured, snapshot)
    ]
    return Disk(at=measured.at, part=not sees_all(request.actor, host), kinds=kinds)
