"""What a few words lead to: objects by their names, then what can be done with the nearest one.

From the mirrors alone, and only what the person may see and do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import islice

from django.urls import reverse
from django.utils.functional import Promise

from access.actors import Actor
from access.gate import may
from access.sight import seen
from access.targets import ContainerTarget, Target
from containers.attention import chip_of
from dashboard.palette_match import fit
from dashboard.palette_verbs import VERBS, Verb
from engine.snapshot import Snapshot
from engine.types import ContainerRow
from hosts import live
from images.listing import name_of

MOST_OBJECTS = 8
MOST_VERBS = 8
MOST_LETTERS = 100
HERE = 50  # what stands on the host one looks at comes before its equals elsewhere


@dataclass(frozen=True, slots=True)
class Choice:
    """One line. ``how``: ``page``, ``dialog`` or ``post``; ``key`` names it for the browser."""

    url: str
    label: str | Promise
    icon: str
    detail: str | Promise = ""
    how: str = "page"
    row: ContainerRow | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    objects: list[Choice] = field(default_factory=list)
    verbs: list[Choice] = field(default_factory=list)


def find(actor: Actor, words: str, here: str, pages: Iterable[Choice]) -> Found:
    """``here`` is the slug of the host one looks at, or ""; ``pages`` is where one may go."""
    letters = " ".join(words.casefold().split())[:MOST_LETTERS]
    first, _, rest = letters.partition(" ")
    if rest and (named := [verb for verb in VERBS if verb.word.startswith(first)]):
        nearest = best(containers(actor), rest, here, MOST_VERBS)
        chosen = [one for choice in nearest for one in verbs_of(actor, choice, named)]
        if chosen:
            return Found(verbs=chosen[:MOST_VERBS])
    objects = best([*pages, *things(actor)], letters, here, MOST_OBJECTS)
    if not letters or not objects or objects[0].row is None:
        return Found(objects)
    return Found(objects, list(islice(verbs_of(actor, objects[0], VERBS), MOST_VERBS)))


def best(choices: Iterable[Choice], letters: str, here: str, most: int) -> list[Choice]:
    """The nearest first; without letters the first ones as they stand."""
    if not letters:
        return list(islice(choices, most))
    ranked = ((rank(choice, letters, here), choice) for choice in choices)
    fitting = [pair for pair in ranked if pair[0]]
    return [choice for _, choice in nlargest(most, fitting, key=lambda pair: pair[0])]


def rank(choice: Choice, letters: str, here: str) -> int:
    found = fit(letters, str(choice.label).casefold())
    if not found and choice.row is not None and len(letters) >= 4:
        found = fit(letters, choice.row.id) if choice.row.id.startswith(letters) else 0
    return found + HERE if found and choice.host == here else found


def things(actor: Actor) -> Iterator[Choice]:
    yield from containers(actor)
    for slug, snapshot in snapshots(actor):
        base = reverse("image-list", args=[slug])
        for image in snapshot.images.values():
            for name in filter(None, image.tags or (name_of(image),)):
                yield Choice(f"{base}{image.id}/", name, "stack-2", slug, host=slug)


def containers(actor: Actor) -> Iterator[Choice]:
    for slug, snapshot in snapshots(actor):
        base = reverse("container-list", args=[slug])
        for row in snapshot.containers.values():
            detail = f"{chip_of(row).word} · {slug}"
            yield Choice(f"{base}{row.id}/", row.name, "box", detail, row=row, host=slug)


def snapshots(actor: Actor) -> Iterator[tuple[str, Snapshot]]:
    for slug in live.slugs():
        if may(actor, "host.see", Target("host", slug, slug, slug)):
            yield slug, seen(actor, slug, live.engine_of(slug).mirror.snapshot)


def verbs_of(actor: Actor, choice: Choice, named: Iterable[Verb]) -> Iterator[Choice]:
    """What may be done with it now; two words for one verb give it once."""
    row = choice.row
    assert row is not None
    target, given = ContainerTarget.of(choice.host, row), set[str]()
    for verb in named:
        if verb.below in given or not verb.fits(row) or not may(actor, verb.right, target):
            continue
        given.add(verb.below)
        yield Choice(
            choice.url + verb.below,
            verb.label,
            verb.icon,
            row.name,
            verb.how,
            host=choice.host,
        )
