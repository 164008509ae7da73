"""Which images a list shows, in what order, and what a row says. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.snapshot import Snapshot
from engine.types import ContainerRow, ImageRow
from images.newer import NONE_YET, Answers, Newer, Standing, of_image, standings
from images.references import registries_of
from web.filters import Query
from web.lists import in_order


@dataclass(frozen=True, slots=True)
class Shown:
    """One row. ``name`` is its first tag, or the repository it was pulled from, or "".

    ``reference`` names exactly this image. ``layers_shared`` of its ``layers`` are in others too;
    both are 0 until it was inspected. ``newer`` is a tag whose registry has something newer, or
    else could not be asked.
    """

    row: ImageRow
    name: str
    reference: str
    more: tuple[str, ...]
    users: tuple[ContainerRow, ...]
    registries: tuple[str, ...]
    layers: int
    layers_shared: int
    newer: Standing | None


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows that match, in order. ``counts`` are per segment, whatever segment is open."""

    rows: tuple[ImageRow, ...]
    counts: Mapping[str, int]


def listing(
    rows: Iterable[ImageRow],
    query: Query[ImageRow],
    sort: str,
    snapshot: Snapshot,
    answers: Answers = NONE_YET,
) -> Listing:
    everything = list(rows)
    bare = query.with_state("").with_only("newer", "")
    anyhow = bare.select(everything) if query.terms else everything
    counts = counted(anyhow, snapshot, answers)
    return Listing(ordered(query.select(everything), sort, snapshot), counts)


def ordered(rows: list[ImageRow], sort: str, snapshot: Snapshot) -> tuple[ImageRow, ...]:
    keys: dict[str, Callable[[ImageRow], Any]] = {
        "size": lambda row: row.size,
        "created": lambda row: -row.created.timestamp(),  # the newest first
        "used": lambda row: len(snapshot.containers_of_image(row.id)),
    }
    return in_order(rows, sort, by_name, keys)


def by_name(row: ImageRow) -> tuple[bool, str, str]:
    """Those without a tag stand last."""
    return (row.dangling, name_of(row).casefold(), row.id)


def counted(rows: Iterable[ImageRow], snapshot: Snapshot, answers: Answers) -> dict[str, int]:
    counts = Counter({"": 0, "unused": 0, "dangling": 0, "newer": 0})
    for row in rows:
        counts[""] += 1
        counts["unused"] += not snapshot.containers_of_image(row.id)
        counts["dangling"] += row.dangling
        counts["newer"] += bool(answers) and of_image(row, answers) is Newer.YES
    return counts


def shown(row: ImageRow, snapshot: Snapshot, answers: Answers = NONE_YET) -> Shown:
    sharing = sum(len(snapshot.images_sharing(digest)) > 1 for digest in row.layer_digests)
    return Shown(
        row=row,
        name=name_of(row),
        reference=reference_of(row),
        more=row.tags[1:],
        users=snapshot.containers_of_image(row.id),
        registries=registries_of(row.digests),
        layers=len(row.layer_digests),
        layers_shared=sharing,
        newer=worth_saying(standings(row, answers)),
    )


def worth_saying(tags: Iterable[Standing]) -> Standing | None:
    told = [each for each in tags if each.newer is Newer.YES or each.problem]
    return next((each for each in told if each.newer is Newer.YES), told[0] if told else None)


def name_of(row: ImageRow) -> str:
    return row.tags[0] if row.tags else row.digests[0].partition("@")[0] if row.digests else ""


def reference_of(row: ImageRow) -> str:
    """What ``docker run`` takes to mean exactly this image."""
    return next(iter((*row.tags, *row.digests, row.id)))
