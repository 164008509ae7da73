"""How a container would differ from the one that it takes the place of. Pure; secrets masked."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from containers.duplicates import shown, values
from containers.originals import Original
from containers.run_form import SHOWN_AT, RunForm
from containers.swap import ALIVE_SECONDS, stop_seconds
from engine.command_line import to_flags
from engine.specs import ContainerSpec

APART = ("name", "detach", "pull")  # they say how it is run, not what it is
NOTHING = ContainerSpec("")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what of it goes, and what comes; of lists only the elements that differ."""

    field: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def differences(old: ContainerSpec, new: ContainerSpec) -> list[Difference]:
    before = dict(values(old))
    return [
        Difference(
            name,
            label_of(name),
            said(name, apart(name, before[name], now)),
            said(name, apart(name, now, before[name])),
        )
        for name, now in values(new)
        if name not in APART and now != before[name]
    ]


def apart(field: str, one: Any, other: Any) -> Any:
    """What of a list ``one`` is not in ``other``; where only their order differs, or it is one
    command, all of it."""
    whole = field in ("command", "entrypoint", "health_test")
    lists = isinstance(one, tuple) and isinstance(other, tuple) and not whole
    if lists and set(one) != set(other):
        return tuple(each for each in one if each not in other)
    return one


def said(field: str, value: Any) -> tuple[str, ...]:
    """As the command line says it; nothing where there is nothing to say."""
    masked = getattr(shown(only(field, value)), field)
    if field in ("command", "entrypoint"):
        return (shlex.join(masked),) if masked else ()
    if field == "image":
        return (str(masked),)
    each = masked if isinstance(masked, tuple) else (masked,)
    if isinstance(masked, tuple) and field != "health_test":
        return tuple(t for one in each for t in to_flags(only(field, (one,))))
    return to_flags(only(field, masked))


def only(field: str, value: Any) -> ContainerSpec:
    return replace(NOTHING, **{field: value})


def label_of(field: str) -> str:
    named: Any = RunForm.base_fields.get(SHOWN_AT.get(field, field))
    return str(named.label) if named is not None else field.replace("_", " ")


def consequences(old: Original, new: ContainerSpec, pull: bool) -> Iterator[str]:
    """What will happen, in order."""
    if pull:
        yield _("The image %(image)s is pulled first.") % {"image": new.image}
    yield _("A new container is made. Until then nothing changes.")
    if old.running:
        words = _("The old one is asked to stop, and killed after %(count)d s.")
        yield words % {"count": stop_seconds(old)}
        yield _("The new one takes its name, its networks and volumes, and starts.")
        words = _(
            "It has to run for %(count)d s, or to become healthy where it has a health check."
        )
        yield words % {"count": round(ALIVE_SECONDS)}
    else:
        yield _("The new one takes its name. It is not started, for the old one does not run.")
    yield _("The old one is removed. All volumes stay, also those without a name.")
    yield _("If anything fails, all is as before: the old one comes back.")
