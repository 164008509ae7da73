"""What the filter box of volumes understands; its grammar is ``web.filters``. Pure."""

from collections.abc import Callable, Sequence

from engine.types import ContainerRow
from engine.volume_rows import VolumeRow
from web.filters import Grammar, has_label

STATES = ("used", "unused", "anonymous")
Users = Callable[[str], Sequence[ContainerRow]]  # of a volume's name


def grammar(users: Users) -> Grammar[VolumeRow]:
    """Which containers have a volume is told by ``users``."""

    def in_state(row: VolumeRow, value: str) -> bool:
        return row.anonymous if value == "anonymous" else bool(users(row.name)) == (value == "used")

    return Grammar(
        tests={
            "": lambda row, value, now: value in row.name.casefold(),
            "name": lambda row, value, now: value in row.name.casefold(),
            "driver": lambda row, value, now: row.driver.casefold() == value,
            "label": lambda row, value, now: has_label(row.labels, value),
            "container": lambda row, value, now: any(
                value in user.name.casefold() for user in users(row.name)
            ),
            "state": lambda row, value, now: in_state(row, value),
        },
        words={"state": STATES},
    )
