"""What the pages of files share, be they a container's, an image's or a volume's."""

import posixpath
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from containers import copy_out
from containers.directory import kind_of, normal
from containers.file_order import FileOrder
from engine.archive import Listing
from engine.errors import EngineDown, EngineError, EngineSilent
from engine.threads import door as loop
from engine.types import PathStat
from web.request import Request

T = TypeVar("T")
VIEW_SECONDS = 30
VIEW_LINES = 10_000  # more would take a browser seconds


def asked_path(request: Request) -> str:
    """The path that is asked for, absolute and normal. Raises BadInput."""
    return normal(request.GET.get("path", ""))


def path_context(path: str) -> dict[str, Any]:
    steps, at = [("/", "/")], ""
    for name in filter(None, path.split("/")):
        at += f"/{name}"
        steps.append((name, at))
    return {"path": path, "steps": steps, "parent": posixpath.dirname(path)}


def listed(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The ``rows`` that ``ask`` gives, or ``engine_error`` in a sentence."""
    try:
        return {"whole": True} | ask()
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": error.message}
    except EngineError as error:
        return {"whole": True, "engine_error": error.message}
    except TimeoutError:
        return {"whole": True, "engine_error": _("The engine took too long to list this.")}


def rows(
    found: Listing, path: str, order: FileOrder, mark: Callable[[str], str] = lambda at: ""
) -> dict[str, Any]:
    """``entries`` in this order, each with its path, its kind and its mark."""
    context = order.context(found.entries)
    entries = [
        (entry, at, kind_of(entry), mark(at))
        for entry in context["entries"]
        for at in [posixpath.join(path, entry.name)]
    ]
    return context | {"entries": entries, "partial": found.partial}


def in_time(reading: Coroutine[Any, Any, T], words: str) -> T:
    """Its result. Raises EngineSilent with ``words`` after half a minute."""
    try:
        return loop.call(reading, VIEW_SECONDS)
    except TimeoutError as error:
        raise EngineSilent(words) from error


def text_context(text: copy_out.Text, size: int) -> dict[str, Any]:
    """Of ``files/_text.html``; lines have their numbers where the beginning is known."""
    lines = text.text.splitlines()
    first = 0 if text.cut else max(len(lines) - VIEW_LINES, 0) + 1
    shown = [(first and first + place, line) for place, line in enumerate(lines[-VIEW_LINES:])]
    cut = text.cut or len(lines) > VIEW_LINES
    return {"text": text, "cut": cut, "lines": shown, "size": size}


def source_of(there: PathStat, wanted: str) -> tuple[copy_out.Source, str]:
    """How it is read, and what its name ends with then."""
    if not there.is_dir:
        return copy_out.raw_file, ""
    zipped = wanted == "zip"
    return (copy_out.directory_zip, ".zip") if zipped else (copy_out.directory_tar, ".tar")
