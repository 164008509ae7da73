"""What the filter box of images understands; its grammar is ``web.filters``. Pure."""

from collections.abc import Callable
from datetime import datetime

from engine.types import ImageRow
from web.filters import Grammar, has_label

STATES = ("used", "unused", "dangling")
Users = Callable[[str], int]  # image id → how many containers are made from it


def in_text(row: ImageRow, value: str, now: datetime) -> bool:
    names = (*row.tags, *row.digests)
    return row.id.startswith(value) or any(value in name.casefold() for name in names)


def has_tag(row: ImageRow, value: str, now: datetime) -> bool:
    return any(tag.rpartition(":")[2].casefold() == value for tag in row.tags)


def grammar(users: Users) -> Grammar[ImageRow]:
    """Keys: ``tag:``, ``id:``, ``label:``, ``state:``. Whether one is used is told by ``users``."""

    def in_state(row: ImageRow, value: str, now: datetime) -> bool:
        if value == "dangling":
            return row.dangling
        return bool(users(row.id)) == (value == "used")

    return Grammar(
        tests={
            "": in_text,
            "tag": has_tag,
            "id": lambda row, value, now: row.id.startswith(value.removeprefix("sha256:")),
            "label": lambda row, value, now: has_label(row.labels, value),
            "state": in_state,
        },
        words={"state": STATES},
    )
