"""What a container does now, and what it has written: one look each."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from access.secrets import masked_text
from containers.api.operations import ONE, containers
from containers.details import details
from containers.originals import inspected
from hosts.live import engine_of
from web import fetch
from web.operations import Out
from web.paging import page
from web.request import Request
from web.typed import PAGE, Cursor, Id, Limit, Words

Kind = Literal["changed", "added", "deleted"]
KINDS: tuple[Kind, ...] = ("changed", "added", "deleted")  # by the engine's number


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
    """``counts`` are of all that ``q`` finds, over every page."""

    items: list[Change]
    next: str | None
    counts: dict[Kind, int]


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
    q: Annotated[Words, Field(description="Only paths that hold this text.")] = "",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Any:
    """Paths that differ from its image, by name, as ``docker diff`` tells them."""
    target = fetch.container(request, host, container_id)
    found = [each for each in engine_of(host).commands.changes(target.id) if q in each["Path"]]
    counts = Counter(KINDS[each["Kind"]] for each in found)
    some, rest = page(found, lambda each: (str(each["Path"]),), cursor, limit)
    items = [Change(path=each["Path"], kind=KINDS[each["Kind"]]) for each in some]
    return Changes(items=items, next=rest, counts={kind: counts[kind] for kind in KINDS})
