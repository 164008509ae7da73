"""What the filter box of images understands; its grammar is ``web.filters``. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime

from engine.types import ContainerRow, ImageRow
from images.newer import NONE_YET, Answers, Newer, of_image
from images.references import registries_of
from web.filters import Grammar, has_label

STATES = ("used", "unused", "dangling")
Users = Callable[[str], Sequence[ContainerRow]]  # image id → the containers made from it


def in_text(row: ImageRow, value: str, now: datetime) -> bool:
    names = (*row.tags, *row.digests)
    return row.id.startswith(value) or any(value in name.casefold() for name in names)


def has_tag(row: ImageRow, value: str, now: datetime) -> bool:
    return any(tag.rpartition(":")[2].casefold() == value for tag in row.tags)


def grammar(users: Users, answers: Answers = NONE_YET) -> Grammar[ImageRow]:
    """Whether an image is used, and by which container, is told by ``users``; whether its
    registry has something newer by ``answers``."""

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
            "registry": lambda row, value, now: value in registries_of(row.digests),
            "platform": lambda row, value, now: value in row.platform,
            "container": lambda row, value, now: any(
                value in user.name.casefold() for user in users(row.id)
            ),
            "state": in_state,
            "newer": lambda row, value, now: of_image(row, answers) == value,
        },
        words={"state": STATES, "newer": tuple(Newer)},
    )
