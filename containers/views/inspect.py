"""All that the engine knows of one container, as a tree or as JSON, searched on the server."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from access.secrets import masked_json
from access.targets import ContainerTarget
from containers.inspect_tree import leaves, tree
from containers.views.page import page_context
from engine.errors import EngineDown, EngineSilent
from hosts.live import engine_of
from web import fetch
from web.errors import sentence
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped

RAW = "raw"


@needs("container.see")
@by_any_name
def container_inspect(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-inspect") | asked(request)
    return render(request, "containers/inspect.html", context)


@needs("container.see")
@by_any_name
def container_inspect_tree(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-inspect") | asked(request)
    context |= answer(target, context["q"], context["raw"])
    return shaped(request, "containers/inspect.html", "containers/_inspect.html", context)


def asked(request: Request) -> dict[str, Any]:
    return {
        "q": request.GET.get("q", "").strip()[:200],
        "raw": request.GET.get("view") == RAW,
        "query": request.GET.urlencode(),
    }


def answer(target: ContainerTarget, q: str, raw: bool) -> dict[str, Any]:
    """The tree or the text; ``engine_error`` where the engine does not answer."""
    try:
        value = engine_of(target.host).commands.inspect_container(target.id)
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": sentence(error)}
    shown = masked_json(value)
    if raw:
        text = json.dumps(shown, indent=4, ensure_ascii=False)
        return {"whole": True, "text": marked(text, q), "matches": occurrences(text, q)}
    nodes = tree(shown, q)
    return {"whole": True, "nodes": nodes, "matches": leaves(nodes)}


def occurrences(text: str, q: str) -> int:
    return text.casefold().count(q.casefold()) if q else 0


def marked(text: str, q: str) -> SafeString:
    """The text with every occurrence of ``q`` marked."""
    if not q:
        return format_html("{}", text)
    parts, at, low, wanted = [], 0, text.lower(), q.lower()
    while (found := low.find(wanted, at)) >= 0 and len(low) == len(text):
        parts.append((text[at:found], text[found : found + len(q)]))
        at = found + len(q)
    return format_html_join("", "{}<mark>{}</mark>", parts) + format_html("{}", text[at:])
