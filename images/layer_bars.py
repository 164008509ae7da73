"""An image's history with the layers it made: bars by size, and which other images share them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from access.secrets import masked_text
from engine.snapshot import Snapshot
from engine.types import ImageRow, Layer


@dataclass(frozen=True, slots=True)
class Step:
    """One step, oldest first. ``percent`` of the image's size; ``digest`` "" for an empty step."""

    number: int
    text: str
    layer: Layer
    digest: str
    percent: int
    shared_with: tuple[ImageRow, ...]


def steps(history: Iterable[Layer], row: ImageRow, snapshot: Snapshot) -> list[Step]:
    """The engine gives history and layer digests apart; steps that wrote something have one each.

    Where they do not fit together (an image whose history was cut) a step has no digest.
    """
    layers = list(history)
    digests = digests_of(layers, row.layer_digests)
    biggest = max((layer.size for layer in layers), default=0)
    return [
        Step(
            number,
            readable(masked_text(layer.step)) or masked_text(layer.comment),
            layer,
            digest,
            round(100 * layer.size / biggest) if biggest else 0,
            others(digest, row, snapshot),
        )
        for number, (layer, digest) in enumerate(zip(layers, digests, strict=True), start=1)
    ]


def digests_of(layers: list[Layer], digests: tuple[str, ...]) -> list[str]:
    if all(layer.digest == "" for layer in layers):
        wrote = [layer for layer in layers if layer.size]
        if len(digests) == len(layers):
            return list(digests)
        if len(wrote) != len(digests):
            return [""] * len(layers)
        given: Iterator[str] = iter(digests)
        return [next(given) if layer.size else "" for layer in layers]
    return [layer.digest for layer in layers]


def others(digest: str, row: ImageRow, snapshot: Snapshot) -> tuple[ImageRow, ...]:
    if not digest:
        return ()
    return tuple(image for image in snapshot.images_sharing(digest) if image.id != row.id)


def readable(step: str) -> str:
    """The Dockerfile's word for what the engine recorded as a shell line."""
    text = step.removeprefix("/bin/sh -c ").strip()
    if text.startswith("#(nop)"):
        return text.removeprefix("#(nop)").strip()
    return f"RUN {text}" if step.startswith("/bin/sh -c ") else text
