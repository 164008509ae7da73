"""A host's events in the JSON API: the last ones, to read."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from events.asked import Asked, answer
from web import fetch
from web.operations import Operations, Out
from web.problems import need_understood
from web.request import Request
from web.typed import PAGE, Limit, Words

events = Operations("events")


class EventOut(Out):
    """``by``: who did it, where it was done here and you may read that; ``seq`` is that row of the
    record. ``key`` goes on behind it."""

    key: str
    at: datetime
    kind: str
    action: str
    id: str
    name: str
    about: dict[str, str]
    by: str
    seq: int | None


class EventList(Out):
    """``newest`` is what to send as ``after``; ``lost``: more came meanwhile than is kept."""

    items: list[EventOut]
    newest: str
    lost: bool


@events.get("/hosts/{host}/events", "host.see", EventList)
def event_list(
    request: Request,
    host: str,
    q: Words = "",
    after: Annotated[Words, Field(description="The `newest` of the answer before.")] = "",
    all: Annotated[bool, Field(description="With those of health checks and shells.")] = False,
    limit: Limit = PAGE,
) -> Any:
    """The last events of what you may see, the newest first. ``q`` is the page's filter."""
    fetch.host(request, host)
    asked = Asked.of(q, all)
    need_understood(asked.query.problems)
    found = answer(request.actor, host, asked, after, limit)
    items = [
        EventOut(
            key=row.key,
            at=row.at,
            kind=row.kind,
            action=row.action,
            id=row.id,
            name=row.name,
            about=dict(row.told),
            by=row.by.user if row.by else "",
            seq=row.by.seq if row.by else None,
        )
        for row in found.rows
    ]
    return EventList(items=items, newest=found.newest, lost=found.lost)
