"""The filter box's text as a condition on rows. Pure.

Words stand apart by blanks and all must hold. ``key:value,value`` asks for one of the values,
``-word`` for the opposite, ``"quotes"`` hold blanks and colons together as plain text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from django.utils.translation import gettext as _

from containers.attention import trouble_of
from engine.types import ContainerRow

STATES = ("running", "paused", "restarting", "created", "exited", "dead", "removing", "stopped")
HEALTH = ("healthy", "unhealthy", "starting", "none")
ATTENTION = "attention"
STATE_WORDS = (*STATES, *HEALTH[:3], ATTENTION)
_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_KEY = re.compile(r"([A-Za-z_][\w-]*):(.*)", re.DOTALL)
_PART = re.compile(r'(?:"[^"]*"?|[^,"])+')
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the text; ``key`` is "" for plain text. ``source`` is the word as written."""

    source: str
    key: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What the text asks for. ``problems`` are sentences; a query that has one matches nothing."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(term.source for term in self.terms)

    def matches(self, row: ContainerRow, now: datetime) -> bool:
        return not self.problems and all(
            any(TESTS[term.key](row, value, now) for value in term.values) != term.negated
            for term in self.terms
            if term.values
        )

    def select(
        self, rows: Iterable[ContainerRow], now: datetime | None = None
    ) -> list[ContainerRow]:
        moment = now or datetime.now(UTC)
        return [row for row in rows if self.matches(row, moment)]

    @property
    def state(self) -> str:
        """The value of the one ``state:`` word, or "" where there is none or are several."""
        found = [term for term in self.terms if term.key == "state"]
        return (
            found[0].values[0]
            if len(found) == 1 and len(found[0].values) == 1 and not found[0].negated
            else ""
        )

    def with_state(self, value: str) -> "Query":
        """The same text with ``state:value`` in place of its state words; "" takes them out."""
        terms = tuple(term for term in self.terms if term.key != "state")
        if value:
            terms += (Term(f"state:{value}", "state", (value,)),)
        return Query(terms, self.problems)


def parse(text: str) -> Query:
    """Read the text; never raises. A half-typed word (``image:``) asks for nothing yet."""
    terms = tuple(term(word) for word in _WORD.findall(text))
    return Query(terms, tuple(filter(None, map(problem, terms))))


def term(source: str) -> Term:
    negated = len(source) > 1 and source.startswith("-")
    word = source[1:] if negated else source
    match = _KEY.fullmatch(word)
    if match is None:
        plain = word.replace('"', "").casefold()
        return Term(source, "", (plain,) if plain else (), negated)
    parts = (part.replace('"', "").casefold() for part in _PART.findall(match[2]))
    return Term(source, match[1].lower(), tuple(part for part in parts if part), negated)


def problem(term: Term) -> str:
    """A sentence where the word cannot be understood, else ""."""
    if term.key not in TESTS:
        near = get_close_matches(term.key, KEYS, 1, 0.6)
        ask = _("There is no filter %(key)s:.") % {"key": term.key}
        if near:
            return ask + " " + _("Did you mean %(near)s:?") % {"near": near[0]}
        return ask + " " + _("To look for the text itself, put it in double quotes.")
    allowed = {"state": STATE_WORDS, "health": HEALTH}.get(term.key)
    for value in term.values:
        if allowed and value not in allowed:
            return unknown_value(term.key, value, allowed)
        if term.key == "port" and not _PORTS.fullmatch(value):
            return _("port:%(value)s is no port: write 443, 443/tcp or 8000-8100.") % {
                "value": value
            }
    return ""


def unknown_value(key: str, value: str, allowed: tuple[str, ...]) -> str:
    return _("%(key)s:%(value)s is unknown: use %(words)s.") % {
        "key": key,
        "value": value,
        "words": ", ".join(get_close_matches(value, allowed, 1, 0.5) or allowed),
    }


def in_text(row: ContainerRow, value: str, now: datetime) -> bool:
    return value in row.name.casefold() or value in row.image.casefold() or row.id.startswith(value)


def in_state(row: ContainerRow, value: str, now: datetime) -> bool:
    if value == ATTENTION:
        return trouble_of(row, now) is not None
    if value == "stopped":
        return not row.running and row.state != "removing"
    return value == row.state or (row.running and value == row.health)


def has_label(row: ContainerRow, value: str, now: datetime) -> bool:
    key, equals, wanted = value.partition("=")
    return any(
        name.casefold() == key and (not equals or text.casefold() == wanted)
        for name, text in row.labels.items()
    )


def has_port(row: ContainerRow, value: str, now: datetime) -> bool:
    """A published port or one of the container itself."""
    match = _PORTS.fullmatch(value)
    if match is None:
        return False
    low, high, protocol = int(match[1]), int(match[2] or match[1]), match[3]
    return any(
        low <= number <= high and protocol in (None, port.protocol)
        for port in row.ports
        for number in (port.host_port, port.container_port)
        if number
    )


TESTS: Mapping[str, Callable[[ContainerRow, str, datetime], bool]] = {
    "": in_text,
    "name": lambda row, value, now: value in row.name.casefold(),
    "id": lambda row, value, now: row.id.startswith(value),
    "image": lambda row, value, now: (
        value in row.image.casefold() or row.image_id.startswith(value.removeprefix("sha256:"))
    ),
    "state": in_state,
    "health": lambda row, value, now: value == (row.health or "none"),
    "label": has_label,
    "port": has_port,
    "project": lambda row, value, now: row.project.casefold() == value,
    "network": lambda row, value, now: value in (name.casefold() for name in row.networks),
    "volume": lambda row, value, now: any(
        value in (mount.name.casefold(), mount.source.casefold()) for mount in row.mounts
    ),
}
KEYS = tuple(key for key in TESTS if key)
