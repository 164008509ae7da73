"""The list of images: from the mirror, never from the engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.targets import ImageTarget, Target
from engine.mirror import Snapshot
from engine.types import ContainerRow, ImageRow
from images.query import grammar
from web import fetch, lists
from web.errors import BadInput
from web.lists import PAGE, Asked
from web.request import Request
from web.routes import needs
from web.shape import shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("unused", _("Unused"), "idle"),
    ("dangling", _("Dangling"), "warn"),
)
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), "name"),
    ("size", _("Size"), "num"),
    ("used", _("Used by"), "num"),
    ("created", _("Created"), "age"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: the image, its first tag, the others, and the containers made from it."""

    row: ImageRow
    name: str
    more: tuple[str, ...]
    users: tuple[ContainerRow, ...]


@needs("image.see")
def image_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.host(request, host).mirror.snapshot
    users = lambda id: len(snapshot.containers_of_image(id))  # noqa: E731
    asked = Asked(**lists.asked_parts(request, host, grammar(users)))
    rows = list(visible(request, host, snapshot))
    found = sorted_rows(asked.query.select(rows), asked.sort, users)
    if request.GET.get("format") == "ids":
        return ids(asked, found)
    context = list_context(request, asked, found, snapshot)
    context |= {"any": bool(rows), "segments": segments(asked, rows, users)}
    return shaped(request, "images/list.html", "images/_refresh.html", context)


def visible(request: Request, host: str, snapshot: Snapshot) -> Iterator[ImageRow]:
    for row in snapshot.images.values():
        if may(request.actor, request.right, ImageTarget.of(host, row)):
            yield row


def sorted_rows(rows: list[ImageRow], sort: str, users: Callable[[str], int]) -> list[ImageRow]:
    keys: dict[str, Callable[[ImageRow], Any]] = {
        "size": lambda row: row.size,
        "created": lambda row: row.created,
        "used": lambda row: users(row.id),
    }
    by_name = sorted(rows, key=lambda row: (row.dangling, row.tags[:1], row.id))
    column = sort.lstrip("-")
    key = keys.get(column)
    if key is None:
        return by_name[::-1] if sort.startswith("-") else by_name
    return sorted(by_name, key=key, reverse=sort.startswith("-"))


def ids(asked: Asked[ImageRow], rows: list[ImageRow]) -> HttpResponse:
    """``images -q --no-trunc``: one full id a line."""
    if asked.query.problems:
        raise BadInput(" ".join(asked.query.problems))
    lines = "".join(f"{row.id}\n" for row in rows)
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def segments(
    asked: Asked[ImageRow], rows: list[ImageRow], users: Callable[[str], int]
) -> list[lists.Segment]:
    counts = {
        "": len(rows),
        "unused": sum(not users(row.id) for row in rows),
        "dangling": sum(row.dangling for row in rows),
    }
    return lists.segments(asked, reverse("image-list", args=[asked.host]), counts, SEGMENTS)


def list_context(
    request: Request, asked: Asked[ImageRow], rows: list[ImageRow], snapshot: Snapshot
) -> dict[str, Any]:
    address = reverse("image-list", args=[asked.host])
    more = len(rows) > asked.last
    return {
        "host": asked.host,
        "asked": asked,
        "snapshot": snapshot,
        "found": len(rows),
        "columns": lists.columns(asked, address, COLUMNS),
        "rows": [shown(row, snapshot) for row in rows[asked.first : asked.last]],
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
        "may_remove": may(
            request.actor, "image.remove", Target("host", asked.host, asked.host, asked.host)
        ),
    }


def shown(row: ImageRow, snapshot: Snapshot) -> Shown:
    name = row.tags[0] if row.tags else (row.digests[0].partition("@")[0] if row.digests else "")
    return Shown(row, name, row.tags[1:], snapshot.containers_of_image(row.id))
