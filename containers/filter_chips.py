"""What the filter of containers offers to press: each only writes the filter's text. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from containers.query import DANGEROUS, GRAMMAR, OUTDATED, Query
from engine.types import ContainerRow
from web import states

Words = Mapping[str, str | Promise]
MOST = 12  # of one kind: the rest can be typed
STATES = {state: chip.word for state, chip in states.STATES.items()}
HEALTH = {health: chip.word for health, chip in states.HEALTH.items()}
HEALTH["none"] = _("No health check")
MORE: tuple[tuple[str, str, Promise], ...] = (
    ("is", OUTDATED, _("Newer image")),
    ("is", DANGEROUS, _("Reaches its host")),
    ("cpu", ">80", _("CPU over 80%")),
    ("mem", ">80%", _("Memory over 80%")),
    ("created", "<1d", _("Made within a day")),
    ("created", "<7d", _("Made within a week")),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """``text`` is the filter's once it has been pressed; ``count`` is of all containers that one
    sees, None where it is not counted."""

    label: str | Promise
    text: str
    pressed: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Chips:
    """Those of one kind."""

    title: Promise
    chips: list[Chip]


def chips(
    query: Query, rows: Iterable[ContainerRow], owner: Callable[[str], str]
) -> Iterator[Chips]:
    """``owner`` says of which team one is, by its id; kinds of which there is nothing are left
    out."""
    known = list(rows)
    healths = Counter(row.health or "none" for row in known if row.running)
    images = Counter(repository(row.image) for row in known)
    kinds: tuple[tuple[Promise, str, Counter[str], Words], ...] = (
        (_("State"), "state", Counter(row.state for row in known), STATES),
        (_("Health"), "health", healths, HEALTH),
        (_("Project"), "project", Counter(row.project for row in known), {}),
        (_("Team"), "team", Counter(owner(row.id) for row in known), {}),
        (_("Image"), "image", images, short(images)),
    )
    for title, key, counts, words in kinds:
        closed = key in GRAMMAR.words
        found = offered(query, key, counts, list(words) if closed else [])
        if found:
            yield Chips(title, [chip(query, key, *each, words) for each in found])
    yield Chips(_("More"), [apart(query, *each) for each in MORE])


def offered(query: Query, key: str, counts: Counter[str], only: list[str]) -> list[tuple[str, int]]:
    """The most frequent and what is asked for already, in order; ``only`` are the values that a
    key with words of its own takes."""
    found = {value: count for value, count in counts.most_common(MOST) if value}
    known = {value.casefold() for value in found}
    for value in (v for term in query.terms if term.key == key for v in term.written):
        if query.asks(key, value) and value.casefold() not in known:
            found[value] = counts[value]
    sayable = (each for each in found.items() if each[0] in only or not (only or '"' in each[0]))
    return sorted(sayable, key=lambda each: order(each[0], only))


def order(value: str, places: list[str]) -> tuple[int, str]:
    """States and healths in the order of their words, all else by name."""
    return (places.index(value) if value in places else 0, value.casefold())


def chip(query: Query, key: str, value: str, count: int, words: Words) -> Chip:
    text = str(query.toggled(key, value))
    return Chip(words.get(value, value), text, query.asks(key, value), count)


def apart(query: Query, key: str, value: str, label: Promise) -> Chip:
    return Chip(label, str(query.toggled(key, value, apart=True)), query.asks(key, value))


def repository(image: str) -> str:
    """``ghcr.io/acme/shop:2`` without its tag or digest; "" of one that is named by its id."""
    name = image.partition("@")[0]
    before, colon, tag = name.rpartition(":")
    plain = before if colon and "/" not in tag else name
    return "" if plain == "sha256" else plain


def short(images: Iterable[str]) -> dict[str, str]:
    """Without their registry, where that leaves them apart."""
    named = {image: image.partition("/")[2] if has_registry(image) else image for image in images}
    times = Counter(named.values())
    return {image: name if times[name] == 1 else image for image, name in named.items()}


def has_registry(image: str) -> bool:
    first, slash, _rest = image.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")
