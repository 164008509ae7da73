"""Layers as an engine's store has them, and the bytes that go with images. Pure."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from engine.types import EngineFacts, Layer

Sizes = Mapping[str, int]  # chain id → bytes


def chains(diff_ids: Sequence[str]) -> tuple[str, ...]:
    """The store's ids of an image's layers, lowest first: each stands for all below it, too."""
    found: list[str] = []
    for diff_id in diff_ids:
        below = found[-1] if found else ""
        digest = sha256(f"{below} {diff_id}".encode()).hexdigest()
        found.append(f"sha256:{digest}" if below else diff_id)
    return tuple(found)


def sizes_of(layers: Sequence[Layer]) -> Sizes | None:
    """The bytes of each layer of an image, from its history; None where the history does not say
    which step made which."""
    made = [layer for layer in layers if layer.digest]
    if not made and any(layer.size for layer in layers):
        return None
    ids = chains([layer.digest for layer in made])
    return {id: layer.size for id, layer in zip(ids, made, strict=True)}


def names_layers(facts: EngineFacts | None) -> bool:
    """Whether the engine keeps layers as we count them, and says which went: containerd's store
    does not."""
    status = (facts.raw.get("DriverStatus") or ()) if facts else ()
    return not any("io.containerd.snapshotter" in str(pair) for pair in status)


def freed(going: Mapping[str, Sizes], kept: Collection[str]) -> dict[str, int]:
    """The bytes that go with each image, in this order: a layer goes with the last that has it.

    ``kept`` are the chain ids of all that stays.
    """
    last = {chain: id for id, sizes in going.items() for chain in sizes}
    return {
        id: sum(size for chain, size in sizes.items() if last[chain] == id and chain not in kept)
        for id, sizes in going.items()
    }
