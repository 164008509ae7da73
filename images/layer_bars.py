"""An image's history as bars: its steps in order, their size, and which other images share them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from access.secrets import masked_text
from engine.snapshot import Snapshot
from engine.types import ImageRow, Layer

_SHELL = re.compile(r"(?:RUN )?(?:\|\d+ (?P<args>.*?) ?)?/bin/sh -c (?P<command>.*)", re.DOTALL)
_NOP = "#(nop)"
_BUILDKIT = "# buildkit"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; the first is number 1. ``percent`` is of the largest layer."""

    number: int
    text: str  # as a Dockerfile says it, secret-looking values masked
    layer: Layer
    percent: int
    shared_with: tuple[ImageRow, ...]

    @property
    def keyword(self) -> str:
        return self.text.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step that wrote something, or neighbouring ones that wrote nothing."""

    empty: bool
    steps: tuple[Step, ...]

    @property
    def keywords(self) -> str:
        return ", ".join(dict.fromkeys(step.keyword for step in self.steps))


def steps(history: Iterable[Layer], row: ImageRow, snapshot: Snapshot) -> list[Step]:
    layers = list(history)
    biggest = max((layer.size for layer in layers), default=0)
    return [
        Step(
            number,
            masked_text(readable(layer.step) or layer.comment),
            layer,
            round(100 * layer.size / biggest) if biggest else 0,
            others(layer.digest, row, snapshot),
        )
        for number, layer in enumerate(layers, start=1)
    ]


def stretches(made: Iterable[Step]) -> list[Stretch]:
    """The steps in order, those without size folded where several stand together."""
    found: list[Stretch] = []
    for empty, some in groupby(made, lambda step: step.layer.size == 0):
        together = tuple(some)
        found += [Stretch(True, together)] if empty else [Stretch(False, (s,)) for s in together]
    return found


def others(digest: str, row: ImageRow, snapshot: Snapshot) -> tuple[ImageRow, ...]:
    if not digest:
        return ()
    return tuple(image for image in snapshot.images_sharing(digest) if image.id != row.id)


def readable(step: str) -> str:
    """The Dockerfile's words for what a builder recorded, often as a shell line."""
    text = step.strip().removesuffix(_BUILDKIT).rstrip()
    shell = _SHELL.fullmatch(text)
    if shell is None:
        return text
    command = shell["command"].strip()
    if command.startswith(_NOP):
        return command.removeprefix(_NOP).strip()
    return " ".join(filter(None, ("RUN", shell["args"], command)))
