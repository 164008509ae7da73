"""Hosts in the JSON API, and who asks."""

from datetime import datetime
from typing import Any

from access.gate import may
from access.models import ApiToken
from access.rights import SIGNED_IN
from access.targets import Target
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
