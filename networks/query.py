"""What the filter box of networks understands; its grammar is ``web.filters``. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime

from engine.types import ContainerRow, NetworkRow
from web.filters import Grammar, has_label

STATES = ("used", "unused")
Users = Callable[[NetworkRow], Sequence[ContainerRow]]


def in_text(row: NetworkRow, value: str, now: datetime) -> bool:
    return value in row.name.casefold() or row.id.startswith(value)


def grammar(users: Users) -> Grammar[NetworkRow]:
    """Which containers are in a network is told by ``users``."""
    return Grammar(
        tests={
            "": in_text,
            "name": lambda row, value, now: value in row.name.casefold(),
            "id": lambda row, value, now: row.id.startswith(value),
            "driver": lambda row, value, now: row.driver.casefold() == value,
            "label": lambda row, value, now: has_label(row.labels, value),
            "subnet": lambda row, value, now: any(value in one.subnet for one in row.subnets),
            "container": lambda row, value, now: any(
                value in user.name.casefold() for user in users(row)
            ),
            "state": lambda row, value, now: bool(users(row)) == (value == "used"),
        },
        words={"state": STATES},
    )
