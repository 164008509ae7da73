"""A spec as the texts of the run form, the way back from ``RunForm.spec()``. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from containers.run_form import LINES, NOTHING, PULLS, RESTARTS, SAME, VALUES, RunForm
from engine.command_line import Parsed, to_flags
from engine.specs import ContainerSpec, NetworkSpec

# Of two of one name the later counts.
NAMED = ("env", "labels")


def initial_of_line(parsed: Parsed) -> dict[str, Any]:
    """The texts for a pasted line, with what the form has to say of it."""
    parts = "\n".join(part for part in parsed.expansions if "\n" not in part)
    return initial_of(parsed.spec, parsed.unknown) | {"expansions": parts}


def initial_of(spec: ContainerSpec, unknown: Sequence[str] = ()) -> dict[str, Any]:
    """The form's texts for a spec; what no field can say becomes flags in ``other``."""
    form: Any = RunForm.base_fields
    initial: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for name in SAME:
        value, nothing = getattr(spec, name), getattr(NOTHING, name)
        if name in LINES:
            shown, left[name] = divided(form[name], value, name in NAMED)
            initial[name] = form[name].text_of(shown)
        elif name in VALUES:
            initial[name], left[name] = said_by(form[name], value, nothing)
        else:
            initial[name], left[name] = value, nothing
    if spec.pull not in dict(PULLS):
        initial["pull"], left["pull"] = NOTHING.pull, spec.pull
    if spec.restart.name in dict(RESTARTS):
        initial |= {"restart": spec.restart.name, "retries": spec.restart.max_retries or None}
        left["restart"] = NOTHING.restart
    if len(spec.networks) == 1 and spec.networks[0] == NetworkSpec(spec.network):
        initial["network"], left["networks"] = spec.network, ()
    initial |= health_texts(spec.health_test)
    if initial["health"] != "image":
        left["health_test"] = ()
    initial["other"] = "\n".join(to_flags(replace(spec, **left)))
    return initial | {"unknown": "\n".join(map(shlex.quote, unknown))}


def divided(
    field: Any, values: tuple[Any, ...], named: bool
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What the lines of a field can say, and the rest, which comes after them. Where a name comes
    twice nothing changes its place."""
    held = [field.holds(value) for value in values]
    if named and not all(held) and len({name for name, _ in values}) < len(values):
        first = held.index(False)
        return values[:first], values[first:]
    pairs = list(zip(values, held, strict=True))
    return tuple(v for v, said in pairs if said), tuple(v for v, said in pairs if not said)


def said_by(field: Any, value: Any, nothing: Any) -> tuple[str, Any]:
    """The field's text and what is left to say elsewhere: the value, where the text loses it."""
    text = field.text_of(value)
    return (text, nothing) if field.clean(text) == value else ("", value)


def health_texts(test: tuple[str, ...]) -> dict[str, str]:
    if test == ("NONE",):
        return {"health": "none", "health_command": ""}
    line = test[1] if len(test) == 2 and test[0] == "CMD-SHELL" else ""
    if line and line == line.strip() and not set(line) & {"\n", "\r"}:
        return {"health": "command", "health_command": line}
    return {"health": "image", "health_command": ""}
