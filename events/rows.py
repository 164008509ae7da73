"""An event as a row of the page and as the filter sees it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from access import sight
from access.actors import Actor
from access.rights import RIGHTS, Danger
from audit.models import Entry, Result
from engine.past_events import PastEvent
from engine.rows import image_text
from engine.snapshot import Snapshot
from events.seeing import Eyes

# What an event tells beside its name; labels, which are among its attributes, are not for show.
TOLD = ("image", "exitCode", "signal", "oldName", "destination")
BAD, GOOD = ("die", "oom", "kill", "destroy", "delete"), ("start", "create", "pull", "unpause")
PAGES = {"network": "network-detail", "volume": "volume-detail"}  # of what no snapshot holds
LATE = timedelta(seconds=2)  # an event may come that much after the answer of its action
LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Happened:
    """``action`` without the command of a shell: it may hold a secret. ``by``: who did it, where
    it was done here and the person may read that row of the record."""

    key: str
    at: datetime
    kind: str
    action: str
    id: str
    name: str
    labels: Mapping[str, str]
    told: tuple[tuple[str, str], ...]
    container: str = ""  # the name of the other party: who joined a network, has a volume
    url: str = ""
    by: Entry | None = None

    @property
    def tone(self) -> str:
        word = self.action.partition(":")[0]
        if word in BAD or self.action.endswith("unhealthy"):
            return "warn" if word in ("kill", "destroy", "delete") else "bad"
        return "ok" if word in GOOD else "idle"

    @property
    def short(self) -> str:
        return self.id[:12] if len(self.id) == 64 else self.id


def happened(past: Sequence[PastEvent], eyes: Eyes) -> list[Happened]:
    """``past`` is in the order of time."""
    gone = {(each.event.kind, each.event.id) for each in past if each.event.action == "destroy"}
    return [row(each, eyes, gone) for each in past]


def row(past: PastEvent, eyes: Eyes, gone: Collection[tuple[str, str]]) -> Happened:
    event = past.event
    word, colon, rest = event.action.partition(": ")
    more = f": {rest}" if colon and word == "health_status" else ""
    other = eyes.part.containers.get(event.attributes.get("container", ""))
    return Happened(
        key=past.key,
        at=datetime.fromtimestamp(event.time_ns / 1e9, UTC),
        kind=event.kind,
        action=word + more,
        id=event.id,
        name=image_text(event.attributes.get("name", "") or event.id),
        labels=past.row.labels if past.row else event.attributes,
        told=tuple((key, image_text(told)) for key in TOLD if (told := event.attributes.get(key))),
        container=other.name if other else "",
        url="" if (event.kind, event.id) in gone else url_of(past, eyes.host, eyes.part),
    )


def url_of(past: PastEvent, host: str, part: Snapshot) -> str:
    """Where its object is, if it is still there."""
    event = past.event
    if event.kind == "container" and event.id in part.containers:
        return reverse("container-detail", args=[host, event.id])
    if event.kind == "image":
        image = part.find_image(event.id) or part.find_image(event.attributes.get("name", ""))
        return reverse("image-detail", args=[host, image.id]) if image else ""
    return reverse(PAGES[event.kind], args=[host, event.id]) if event.kind in PAGES else ""


def doers(actor: Actor, host: str, rows: Iterable[Happened]) -> dict[str, Entry]:
    """Who did it, by the key of the event: from the rows of the record that the actor may read."""
    rows = list(rows)
    if not rows:
        return {}
    begin = min(each.at for each in rows) - LATE
    found = asked(actor, host, {each.id for each in rows}, begin)
    known: dict[str, list[Entry]] = {}
    for entry in found:
        known.setdefault(entry.object_id, []).append(entry)
    pairs = ((each.key, doer(each, known.get(each.id, []))) for each in rows)
    return {key: entry for key, entry in pairs if entry is not None}


def asked(actor: Actor, host: str, ids: set[str], begin: datetime) -> QuerySet[Entry]:
    changes = [right.name for right in RIGHTS.values() if right.danger is Danger.CHANGE]
    found = sight.entries(actor).filter(host=host, object_id__in=ids, event__in=changes)
    return found.filter(result=Result.OK, time__gte=begin).order_by("seq")


def doer(each: Happened, entries: Iterable[Entry]) -> Entry | None:
    """The first change of the object that was under way when it happened."""
    for entry in entries:
        took = timedelta(microseconds=entry.duration_us or 0)
        began = entry.time - min(took, LONGEST) - LATE
        if entry.object_kind == each.kind and began <= each.at <= entry.time + LATE:
            return entry
    return None
