"""A long list refreshed by its changed rows alone.

The page names the rows it shows (``ids``) and those it does not have yet (``new``) of what the
live socket said changed; the answer is one ``<hx-partial>`` for each.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from containers.columns import beside
from containers.listing import Group, Listing
from containers.views.asked import Asked
from containers.views.heads import Heads
from containers.views.rows import Rows
from web.request import Request

MOVES = (
    "state",
    "since",
    "ports",
    "cpu",
    "mem",
)  # columns in which a changed row finds another place
MOST_HEADS = 40


@dataclass(frozen=True, slots=True)
class Insert:
    """A row that is new in the list, and the id of the element it comes after."""

    after: str
    html: SafeString


def named(request: Request, name: str) -> list[str]:
    return [part for part in request.GET.get(name, "").split(",") if part]


def can_patch(request: Request, asked: Asked, found: Listing) -> bool:
    """Whether rows stay where they are and no group comes: else the whole list is sent."""
    if asked.sort.lstrip("-") in MOVES:
        return False
    new = set(named(request, "new"))
    fresh = [row.project for row in found.rows if row.id in new]
    return all(found.sizes[project] > fresh.count(project) for project in set(fresh))


def patch(request: Request, asked: Asked, found: Listing) -> dict[str, Any]:
    places = {row.id: place for place, row in enumerate(found.rows)}
    known, new = named(request, "ids"), named(request, "new")
    about = [found.rows[places[id]] for id in (*known, *new) if id in places]
    around = beside(request.actor, asked.host, asked.columns, about)
    rows = Rows(request, asked.host, asked.columns, around)
    heads = Heads(request, asked.host, len(asked.columns))
    return {
        "changed": [(id, rows.one(found.rows[places[id]])) for id in known if id in places],
        "removed": [id for id in known if id not in places],
        "inserts": [
            Insert(neighbour(found, places[id]), rows.one(found.rows[places[id]]))
            for id in sorted(new, key=lambda id: places.get(id, 0))
            if id in places
        ],
        "patched_heads": [(group.anchor, heads.html(group)) for group in changed_groups(found)],
    }


def changed_groups(found: Listing) -> list[Group]:
    """All of them, where they are few: their counts may have changed."""
    return found.groups() if found.grouped and len(found.sizes) <= MOST_HEADS else []


def neighbour(found: Listing, place: int) -> str:
    """The element that a new row comes after: the row before it, or the head of its group."""
    row, before = found.rows[place], found.rows[place - 1] if place else None
    if before is not None and (not found.grouped or before.project == row.project):
        return f"c-{before.id}"
    group = next(
        group for group in found.groups() if not found.grouped or group.name == row.project
    )
    return f"{group.anchor}-head"
