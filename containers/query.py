"""What the filter box of containers understands; its grammar is ``web.filters``. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from access.dangers import dangers
from containers.attention import trouble_of
from engine.meter import Reading
from engine.snapshot import Snapshot
from engine.types import ContainerRow
from web import filters
from web.filters import Grammar, Shape

STATES = ("running", "paused", "restarting", "created", "exited", "dead", "removing", "stopped")
HEALTH = ("healthy", "unhealthy", "starting", "none")
ATTENTION = "attention"
STATE_WORDS = (*STATES, *HEALTH[:3], ATTENTION)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?")
_COMPARED = re.compile(r"(>=|<=|>|<|)(.+)")
_PERCENT = re.compile(r"(?:[<>]=?)?\d{1,6}(?:\.\d{1,3})?%?")
_SIZE = re.compile(r"(?:[<>]=?)?\d{1,12}(?:\.\d{1,3})?(?:[kmgt]?i?b?|%)")
_AGE = re.compile(r"(?:[<>]=?)?\d{1,6}(?:\.\d{1,3})?[smhdwy]")
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31557600}
MEASURED = ("cpu", "mem")  # what only a sweep of all can tell
SORTS = ("name", "image", "state", "ports", "since", "created", *MEASURED)
Query = filters.Query[ContainerRow]


def in_text(row: ContainerRow, value: str, now: datetime) -> bool:
    return value in row.name.casefold() or value in row.image.casefold() or row.id.startswith(value)


def in_state(row: ContainerRow, value: str, now: datetime) -> bool:
    if value == ATTENTION:
        return trouble_of(row, now) is not None
    if value == "stopped":
        return not row.running and row.state != "removing"
    return value == row.state or (row.running and value == row.health)


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


def compares(value: str, number: float) -> bool:
    """``>80``, ``<=2``; without a sign as much or more."""
    match = _COMPARED.fullmatch(value)
    assert match is not None
    bound = float(match[2])
    signs = {">": number > bound, "<": number < bound, "<=": number <= bound}
    return signs.get(match[1], number >= bound)


def is_old(row: ContainerRow, value: str, now: datetime) -> bool:
    """``<2d``: made within the last two days."""
    bound = float(value[:-1].lstrip("<>=")) * SPANS[value[-1]]
    sign = value[: len(value) - len(value.lstrip("<>="))]
    return compares(f"{sign}{bound}", (now - row.created) / timedelta(seconds=1))


def uses_cpu(reading: Reading | None, value: str) -> bool:
    """In percent of one core, as ``docker stats`` has it."""
    known = reading is not None and reading.cpu is not None
    return known and compares(value.rstrip("%"), reading.cpu)  # type: ignore[union-attr, arg-type]


def uses_memory(reading: Reading | None, value: str) -> bool:
    """``>1g``, ``>500m``, or ``>80%`` of what it may have."""
    if reading is None:
        return False
    if value.endswith("%"):
        return compares(value[:-1], 100 * reading.memory / max(1, reading.memory_limit))
    plain = value.rstrip("ib")
    unit = plain[-1] if plain[-1] in UNITS else ""
    sign = plain[: len(plain) - len(plain.lstrip("<>="))]
    bound = float(plain[len(sign) : len(plain) - len(unit)]) * UNITS[unit]
    return compares(f"{sign}{bound}", reading.memory)


TESTS: dict[str, filters.Test[ContainerRow]] = {
    "": in_text,
    "name": lambda row, value, now: value in row.name.casefold(),
    "id": lambda row, value, now: row.id.startswith(value),
    "image": lambda row, value, now: (
        value in row.image.casefold() or row.image_id.startswith(value.removeprefix("sha256:"))
    ),
    "state": in_state,
    "health": lambda row, value, now: value == (row.health or "none"),
    "label": lambda row, value, now: filters.has_label(row.labels, value),
    "port": has_port,
    "project": lambda row, value, now: row.project.casefold() == value,
    "network": lambda row, value, now: value in (name.casefold() for name in row.networks),
    "volume": lambda row, value, now: any(
        value in (mount.name.casefold(), mount.source.casefold()) for mount in row.mounts
    ),
    "created": is_old,
    "sort": lambda row, value, now: True,
}
OUTDATED, DANGEROUS = "outdated", "dangerous"
GRAMMAR = Grammar(
    TESTS,
    words={
        "state": STATE_WORDS,
        "health": HEALTH,
        "is": (OUTDATED, DANGEROUS),
        "sort": (*SORTS, *(f"-{name}" for name in SORTS)),
    },
    shapes={
        "port": Shape(_PORTS, _("port:%(value)s is no port: write 443, 443/tcp or 8000-8100.")),
        "cpu": Shape(_PERCENT, _("cpu:%(value)s is no share of a core: write >80 or <0.5.")),
        "mem": Shape(_SIZE, _("mem:%(value)s is no size: write >1g, <200m or >80%%.")),
        "created": Shape(_AGE, _("created:%(value)s is no age: write <2d, >1w or <30m.")),
    },
)
KEYS = (*GRAMMAR.keys, "is", "team", "host", *MEASURED)
parse = GRAMMAR.parse


ONLY_LIVE = _("cpu: and mem: are known of an open list alone: there they are measured.")


@dataclass(frozen=True, slots=True)
class Around:
    """What takes more than a row to say: the host, its images, what its containers use now, and
    of which team (its short name) one is, by its id."""

    host: str
    snapshot: Snapshot
    readings: Mapping[str, Reading]
    owner: Callable[[str], str] = lambda id: ""


def grammar(around: Around) -> Grammar[ContainerRow]:
    """``is:outdated`` has a newer image there, ``is:dangerous`` reaches its host; of what was not
    measured nothing is known."""
    readings, snapshot, host = around.readings, around.snapshot, around.host.casefold()
    more: dict[str, filters.Test[ContainerRow]] = {
        "is": lambda row, value, now: (
            bool(dangers(row)) if value == DANGEROUS else snapshot.newer_image(row) is not None
        ),
        "team": lambda row, value, now: value == around.owner(row.id),
        "host": lambda row, value, now: value in host,
        "cpu": lambda row, value, now: uses_cpu(readings.get(row.id), value),
        "mem": lambda row, value, now: uses_memory(readings.get(row.id), value),
    }
    return replace(GRAMMAR, tests={**TESTS, **more})


def measures(query: Query, sort: str) -> bool:
    """Whether the answer depends on what the containers use now."""
    return sort.removeprefix("-") in MEASURED or any(term.key in MEASURED for term in query.terms)
