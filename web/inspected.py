"""All that the engine knows of one object, as a tree or as JSON, searched here and masked."""

import json
from collections.abc import Callable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from access.secrets import masked_json
from engine.errors import EngineDown, EngineSilent
from web.inspect_tree import leaves, tree
from web.request import Request

RAW = "raw"


def asked(request: Request) -> dict[str, Any]:
    """What the address asks for: the context of ``_inspect_tools.html``."""
    return {
        "q": request.GET.get("q", "").strip()[:200],
        "raw": request.GET.get("view") == RAW,
        "query": request.GET.urlencode(),
    }


def answer(inspect: Callable[[], Any], q: str, raw: bool) -> dict[str, Any]:
    """The context of ``_inspect.html``; ``engine_error`` where the engine does not answer."""
    try:
        shown = masked_json(inspect())
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": error.message}
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
