"""A spec as a form may show it: its secrets stay on the server, which fills them in again."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from access.secrets import MASK, masked_pairs, masked_text, masked_words
from engine.specs import ContainerSpec

PAIRS = ("env", "labels", "annotations", "log_options", "sysctls", "storage_options")
WORDS = ("command", "entrypoint", "health_test")


def shown(spec: ContainerSpec) -> ContainerSpec:
    """The mask in place of all that looks secret: values by their names, words, options."""
    lists: dict[str, Any] = {n: each for n, each in values(spec) if isinstance(each, tuple)}
    for name, each in lists.items():
        lists[name] = hidden(name, each)
    return replace(spec, **lists)


def values(spec: ContainerSpec) -> list[tuple[str, Any]]:
    return [(field.name, getattr(spec, field.name)) for field in fields(spec)]


def hidden(field: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The elements of a list."""
    if field in PAIRS:
        return masked_pairs(values)
    if field in WORDS:
        return tuple(masked_words(values))
    return tuple(without_secrets(one) for one in values)


def without_secrets(value: Any) -> Any:
    if type(value) is str:  # an enumeration's members are texts, too
        return masked_text(value)
    if isinstance(value, tuple):
        return tuple(without_secrets(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: without_secrets(one) for name, one in parts.items()})
    return value


def unmasked(spec: ContainerSpec, original: ContainerSpec) -> ContainerSpec:
    """Each element that is still masked as the original has it, in the same field."""
    lists = {name: value for name, value in values(spec) if has_mask(value)}
    return replace(
        spec,
        **{name: filled(name, value, getattr(original, name)) for name, value in lists.items()},
    )


def filled(field: str, sent: Any, known: Any) -> Any:
    if not isinstance(sent, tuple):
        return sent
    known = known or ()
    said = hidden(field, known)
    return tuple(
        known_one(one, at, known, said) if has_mask(one) else one for at, one in enumerate(sent)
    )


def known_one(one: Any, at: int, known: tuple[Any, ...], said: tuple[Any, ...]) -> Any:
    """What is masked as this is: at its place, or where there is no other such."""
    if at < len(known) and said[at] == one:
        return known[at]
    pairs = zip(known, said, strict=True)
    found = list(dict.fromkeys(each for each, hides in pairs if hides == one))
    return found[0] if len(found) == 1 else one


def has_mask(value: Any) -> bool:
    return MASK in str(value)


def masks_left(spec: ContainerSpec) -> list[tuple[str, str]]:
    """(field, sentence) of what is the mask itself: nobody knows what belongs there."""
    words = _("%(names)s: enter the value that is hidden here.")
    return [
        (name, words % {"names": ", ".join(names_in(name, value))})
        for name, value in values(spec)
        if has_mask(value)
    ]


def names_in(field: str, value: Any) -> list[str]:
    return [str(one[0]) for one in value if has_mask(one)] if field in PAIRS else [field]
