"""What a container does now, and what it has written: one look each."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from access.secrets import masked_text
from containers.api.operations import ONE, containers
from containers.details import details
from containers.originals import inspected
from containers.views.changes import written
from engine.layer_diff import KINDS, Kind
from engine.written import KEPT
from hosts.live import engine_of
from web import fetch
from web.operations import Out
from web.paging import page
from web.request import Request
from web.typed import PAGE, Cursor, Id, Limit, Words


class Stats(Out):
    """As ``docker stats`` counts: ``cpu`` in percent of one core, ``memory`` without the cache of
    files, ``memory_limit`` the host's memory where it has no limit of its own. Sizes in bytes,
    network and blocks since its start."""

    at: datetime
    cpu: float | None
    memory: int
    memory_limit: int
    received: int
    sent: int
    read: int
    written: int
    pids: int


class Processes(Out):
    """As ``ps`` prints them: one row a process, a text for each title."""

    titles: list[str]
    processes: list[list[str]]


class Change(Out):
    path: str
    kind: Kind


class Changes(Out):
    """``counts`` are of all that ``q`` finds, over every page. ``partial``: there are more than the
    100,000, or ten million characters, that are read; a narrower ``q`` finds them."""

    items: list[Change]
    next: str | None
    counts: dict[Kind, int]
    partial: bool


class Commands(Out):
    """``run`` has a flag a line. Values that look secret are masked in both."""

    run: str
    compose: str


@containers.get(f"{ONE}/command", "container.see", Commands)
def container_command(request: Request, host: str, container_id: Id) -> Any:
    """The equal ``docker run`` line and Compose file of a container."""
    target = fetch.container(request, host, container_id)
    found = details(*inspected(target))
    return Commands(run=found.run_line, compose=found.compose)


@containers.get(f"{ONE}/stats", "container.see", Stats)
def container_stats(request: Request, host: str, container_id: Id) -> Any:
    """What it uses now; the engine measures for a second or two. 409 where it does not run."""
    target = fetch.container(request, host, container_id)
    sample = engine_of(host).commands.sample(target.id)
    return Stats(**{name: getattr(sample, name) for name in Stats.model_fields})


@containers.get(f"{ONE}/top", "container.see", Processes)
def container_top(request: Request, host: str, container_id: Id) -> Any:
    """Its processes. Values in command lines that look secret are masked. 409 where it does not
    run.
    """
    target = fetch.container(request, host, container_id)
    found = engine_of(host).commands.top(target.id)
    rows = [[masked_text(str(text)) for text in row] for row in found.get("Processes") or ()]
    return Processes(titles=found.get("Titles") or [], processes=rows)


@containers.get(f"{ONE}/changes", "container.see", Changes)
def container_changes(
    request: Request,
    host: str,
    container_id: Id,
    q: Annotated[Words, Field(description="Only paths that hold this, whatever its case.")] = "",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Any:
    """Paths that differ from its image, by name, as ``docker diff`` tells them.

    The first page asks the engine, which compares all of it each time; those behind a cursor are
    of the same answer for a minute.
    """
    target = fetch.container(request, host, container_id)
    max_age, who = KEPT if cursor else timedelta(), request.actor.user_id or 0
    found = written(target, q, max_age, who)
    some, rest = page(found.items(), lambda each: each[:1], cursor, limit)
    items = [Change(path=path, kind=KINDS[kind]) for path, kind in some]
    counts = {kind: getattr(found.counts, kind) for kind in KINDS}
    return Changes(items=items, next=rest, counts=counts, partial=found.partial)
