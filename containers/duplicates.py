"""The run form filled from a container that exists; its secrets stay on the server."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from access.secrets import MASK, masked
from engine.specs import ContainerSpec, Pairs, unread_fields


@dataclass(frozen=True, slots=True)
class Duplicate:
    """``spec`` has no name, and the mask in place of values that look secret."""

    spec: ContainerSpec
    unread: tuple[str, ...]  # what the original has and a spec cannot say


def duplicate(
    inspect: Mapping[str, Any], image: Mapping[str, Any] | None, info: Mapping[str, Any]
) -> Duplicate:
    spec = ContainerSpec.from_inspect(inspect, image, info)
    shown = replace(spec, name="", env=_masked(spec.env), labels=_masked(spec.labels))
    return Duplicate(shown, unread_fields(inspect))


def _masked(pairs: Pairs) -> Pairs:
    return tuple((name, masked(name, value)) for name, value in pairs)


def unmasked(spec: ContainerSpec, original: ContainerSpec) -> ContainerSpec:
    """Each value that is still the mask replaced by the original's own of that name."""
    env, labels = _filled(spec.env, original.env), _filled(spec.labels, original.labels)
    return replace(spec, env=env, labels=labels)


def _filled(pairs: Pairs, originals: Pairs) -> Pairs:
    known = dict(originals)
    return tuple(
        (name, known.get(name, value) if value == MASK else value) for name, value in pairs
    )


def masks_left(pairs: Pairs) -> tuple[str, ...]:
    """Names whose value is the mask itself: nobody knows what belongs there."""
    return tuple(name for name, value in pairs if value == MASK)
