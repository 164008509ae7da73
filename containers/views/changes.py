"""What a container has written over its image, as a tree: ``docker diff`` to look at."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers.views.file_pages import asked_path, path_context
from containers.views.page import page_context
from containers.written_tree import LABELS, MARKS, level
from engine.errors import EngineDown, EngineError, EngineSilent
from engine.layer_diff import KINDS, Counts, Written
from engine.threads import door as loop
from engine.written import KEPT
from hosts.live import engine_of
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import is_fragment

SECONDS = 30
JUST_NOW = timedelta(seconds=2)  # a page and what it loads at once are one look


@needs("container.see")
@by_any_name
def container_changes(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The page at once, the tree as a fragment; ``whole=1`` has both without JavaScript."""
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-changes") | asked(request)
    if is_fragment(request) or request.GET.get("whole"):
        context |= tree(target, context, JUST_NOW, request.user.pk)
    template = "containers/_changes.html" if is_fragment(request) else "containers/changes.html"
    return render(request, template, context)


@needs("container.see")
def container_changes_folder(request: Request, host: str, container_id: str) -> HttpResponse:
    """One folder of the tree, when it is opened; with ``after`` the next of its rows."""
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-changes") | asked(request)
    context |= tree(target, context, KEPT, request.user.pk)
    part = "rows" if context["after"] else "level"
    return render(request, f"containers/_changes_{part}.html", context)


def asked(request: Request) -> dict[str, Any]:
    """``query`` keeps the filter in addresses of the same tree."""
    kind = request.GET.get("kind", "")
    q = request.GET.get("q", "").strip()[:200]
    kind = kind if kind in KINDS else ""
    path = path_context(asked_path(request))
    after = request.GET.get("after", "")[:4096]
    query = urlencode([(key, value) for key, value in (("q", q), ("kind", kind)) if value])
    return {"q": q, "kind": kind, "after": after, "query": query, **path}


def tree(
    target: ContainerTarget, asked: dict[str, Any], max_age: timedelta, who: int
) -> dict[str, Any]:
    """``level`` to show, or ``engine_error``. ``segments`` count what ``q`` finds."""
    try:
        found = written(target, asked["q"], max_age, who)
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": error.message}
    except EngineError as error:
        return {"whole": True, "engine_error": error.message}
    kind = KINDS.index(asked["kind"]) if asked["kind"] else None
    shown = level(found.narrowed(kind=kind), asked["path"], asked["after"])
    return {"whole": True, "found": found, "level": shown, "segments": segments(found.counts)}


def written(target: ContainerTarget, q: str, max_age: timedelta, who: int) -> Written:
    """``who`` is the person's id: each has a share of what the engine works at."""
    layers = engine_of(target.host).written
    try:
        return loop.call(layers.of(target.id, q, max_age, who=who), SECONDS)
    except TimeoutError as error:
        raise EngineSilent(_("The engine did not tell in time what was changed.")) from error


def segments(counts: Counts) -> list[tuple[str, Promise | str, int]]:
    """Kind, label and count, all of them first."""
    each = [
        (kind, LABELS[MARKS[number]], getattr(counts, kind)) for number, kind in enumerate(KINDS)
    ]
    return [("", _("All"), counts.all), *each]
