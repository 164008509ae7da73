"""What the filter box of containers understands; its grammar is ``web.filters``. Pure."""

import re
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from containers.attention import trouble_of
from engine.snapshot import Snapshot
from engine.types import ContainerRow
from web import filters
from web.filters import Grammar, Shape

STATES = ("running", "paused", "restarting", "created", "exited", "dead", "removing", "stopped")
HEALTH = ("healthy", "unhealthy", "starting", "none")
ATTENTION = "attention"
STATE_WORDS = (*STATES, *HEALTH[:3], ATTENTION)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?")
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
}
OUTDATED = "outdated"
GRAMMAR = Grammar(
    TESTS,
    words={"state": STATE_WORDS, "health": HEALTH},
    shapes={
        "port": Shape(_PORTS, _("port:%(value)s is no port: write 443, 443/tcp or 8000-8100."))
    },
)
KEYS = GRAMMAR.keys
parse = GRAMMAR.parse


def grammar(snapshot: Snapshot) -> Grammar[ContainerRow]:
    """With what takes more than a row to say: ``is:outdated`` has a newer image there."""

    def outdated(row: ContainerRow, value: str, now: datetime) -> bool:
        return snapshot.newer_image(row) is not None

    words = {**GRAMMAR.words, "is": (OUTDATED,)}
    return replace(GRAMMAR, tests={**TESTS, "is": outdated}, words=words)
