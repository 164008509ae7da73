"""What the shell of every page shows: rail, host, person. No engine call: the mirror knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from access.actors import Actor
from access.gate import may
from access.second_factor import owed
from access.sight import seen
from access.targets import SITE, Target
from hosts import live
from jobs.feed import running_for


@dataclass(frozen=True, slots=True)
class HostHead:
    slug: str
    name: str
    version: str
    state: str
    error: str
    seen_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class NavItem:
    url: str
    label: str
    icon: str
    current: bool
    count: int | None = None


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": SimpleLazyObject(lambda: build(request))}


def of_nobody() -> dict[str, Any]:
    return {
        "user": None,
        "theme": "system",
        "density": "comfortable",
        "languages": settings.LANGUAGES,
        "nav": [],
        "hosts": [],
        "sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }


def build(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or owed(user, request.session):
        return of_nobody()
    actor = getattr(request, "actor", None) or Actor.of_request(request)
    hosts = [
        head(slug)
        for slug in live.slugs()
        if may(actor, "host.see", Target("host", slug, slug, slug))
    ]
    match = request.resolver_match
    slug = match.kwargs.get("host") if match else None
    host = next((h for h in hosts if h.slug == slug), hosts[0] if hosts else None)
    return {
        "user": {"username": user.username, "initials": user.username[:2].upper()},
        "theme": user.theme,
        "density": user.density,
        "shortcuts": user.shortcuts,
        "languages": settings.LANGUAGES,
        "hosts": hosts,
        "host": host,
        "nav": host_items(request, actor, host) if host else [],
        "administration": administration(request, actor),
        "jobs_running": running_for(actor),
    }


def head(slug: str) -> HostHead:
    snapshot = live.engine_of(slug).mirror.snapshot
    version = f"Docker {snapshot.facts.version}" if snapshot.facts else ""
    return HostHead(
        slug,
        slug,
        version,
        snapshot.state.value,
        snapshot.error,
        snapshot.seen_at,
        reverse("container-list", args=[slug]),
    )


def host_items(request: HttpRequest, actor: Actor, host: HostHead) -> list[NavItem]:
    """Counts are of what the person may see, as in the lists they lead to."""
    snapshot = seen(actor, host.slug, live.engine_of(host.slug).mirror.snapshot)
    registries = may(actor, "registry.use", SITE)
    return [
        item(request, "overview", _("Overview"), "home"),
        item(
            request, "container-list", _("Containers"), "box", len(snapshot.containers), host.slug
        ),
        item(request, "image-list", _("Images"), "stack-2", len(snapshot.images), host.slug),
        item(request, "network-list", _("Networks"), "network", None, host.slug),
        item(request, "volume-list", _("Volumes"), "database", None, host.slug),
        *([item(request, "registry-list", _("Registries"), "world")] if registries else []),
        item(request, "job-list", _("Jobs"), "progress"),
        item(request, "host-detail", _("Host"), "server", None, host.slug),
    ]


def administration(request: HttpRequest, actor: Actor) -> list[NavItem]:
    items = []
    if may(actor, "user.see", SITE):
        items.append(item(request, "person-list", _("People"), "user"))
    if may(actor, "team.see", SITE):
        items.append(item(request, "team-list", _("Teams"), "users"))
    if may(actor, "audit.see", SITE):
        items.append(item(request, "audit-list", _("Audit log"), "history"))
        items.append(item(request, "recording-list", _("Recordings"), "player-play"))
    return items


def item(
    request: HttpRequest, name: str, label: str, icon: str, count: int | None = None, *args: str
) -> NavItem:
    url = reverse(name, args=args)
    whole_path = name in ("overview", "host-detail")  # other pages lie below these addresses
    current = request.path == url if whole_path else request.path.startswith(url)
    return NavItem(url, label, icon, current, count)
