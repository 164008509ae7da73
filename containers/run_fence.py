"""What the fence says of a run: every rule in one place, for the form, a paste, a job, the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from access import beyond, image_fence, quotas, step_up
from access.actors import Actor
from access.book import book
from access.errors import Denied, Fenced
from access.fence import Breach, Means, breaches, forced
from access.gate import may
from access.names import planned, team_for
from access.quotas import limited
from access.remedies import remedies
from access.sight import held_names, sees_all
from access.targets import Target
from engine.command_line import to_flags
from engine.errors import EngineError
from engine.spec_values import MountKind
from engine.specs import ContainerSpec
from hosts.live import engine_of
from images import allowed

REASON = "beyond_fence"


def fenced(
    actor: Actor, host: str, spec: ContainerSpec, team_id: int | None = None, reason: str = ""
) -> tuple[ContainerSpec, str]:
    """The spec as this person may have it, and the reason if it had to be beyond the fence.

    Raises Fenced with every field outside; StepUpNeeded for who may go beyond and says why.
    """
    found = outside(actor, host, spec)
    limits = book().limits(team_id, host)
    if not found:
        return limited(forced(spec), limits), ""
    let_beyond(actor, host, found, reason)
    return limited(spec, limits), reason


def let_beyond(actor: Actor, host: str, found: list[Breach], reason: str) -> None:
    """Of what stands outside: raises Fenced with every field, or StepUpNeeded for who may go
    beyond and says why; returns where they have proved who they are."""
    may_go = may_go_beyond(actor, host)
    told = [(breach.field, breach.reason) for breach in found]
    if may_go and not reason:
        told.append((REASON, _("say why this has to be beyond the fence.")))
    if not may_go or not reason:
        raise Fenced(told, remedies((breach.field for breach in found), host, may_go))
    step_up.require(actor)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What would be refused, each with its field, and who can change that. ``made`` is what comes
    of it where nothing is: the spec with what policy sets, which the flags of ``added`` say."""

    breaches: tuple[tuple[str, str], ...] = ()
    remedies: tuple[str, ...] = ()
    made: ContainerSpec | None = None
    added: tuple[str, ...] = ()


def judged(actor: Actor, host: str, spec: ContainerSpec, team: str) -> Ruling:
    """For what the form tells while one types: the same rules, nothing is done and nothing raised.
    Where the engine does not answer it says nothing."""
    if not spec.image:
        return Ruling()
    try:
        found = [(breach.field, breach.reason) for breach in outside(actor, host, spec)]
        beyond_it = may_go_beyond(actor, host)
        told = remedies((field for field, _reason in found), host, beyond_it)
        row = planned(spec.name, dict(spec.labels), spec.image)
        owner = team_for(actor, host, row, team)
        quotas.check(owner, host, spec)
    except Fenced as refused:
        return Ruling((*found, *refused.breaches), (*told, *refused.remedies))
    except Denied as denied:
        return Ruling((*found, ("", denied.message)), tuple(told))
    except EngineError:
        return Ruling()
    if found and not beyond_it:
        return Ruling(tuple(found), tuple(told))
    made = limited(spec if found else forced(spec), book().limits(owner, host))
    before = set(to_flags(spec))
    added = tuple(flag for flag in to_flags(made) if flag not in before)
    return Ruling(tuple(found), tuple(told), made, added)


def may_go_beyond(actor: Actor, host: str) -> bool:
    return may(actor, beyond.RIGHT, Target("container", "", "", host))


def outside(actor: Actor, host: str, spec: ContainerSpec) -> list[Breach]:
    """Every field outside the fence; asks the engine where the spec names volumes or networks."""
    words = allowed.refusal(actor, host, spec.image)
    image = [Breach("image", words)] if words else []
    return [*image, *breaches(spec, means(actor, host, spec))]


def check_volumes(actor: Actor, host: str, spec: ContainerSpec) -> None:
    """Once more, right before it is made: a name that was free may be another team's by now.
    Raises Fenced."""
    found = [each for each in breaches(spec, means(actor, host, spec)) if each.field == "mounts"]
    if found:
        told = [(breach.field, breach.reason) for breach in found]
        raise Fenced(told, remedies(("mounts",), host, may_go_beyond(actor, host)))


def check_inherited(host: str, spec: ContainerSpec) -> str:
    """What it gets from its image: of the one that is here now, whose id it returns. Raises
    Fenced, NotFound."""
    image = engine_of(host).commands.inspect_image(spec.image)
    found = image_fence.breaches(spec, image.get("Config") or {})
    if found:
        raise Fenced([(breach.field, breach.reason) for breach in found])
    return str(image["Id"])


def means(actor: Actor, host: str, spec: ContainerSpec) -> Means:
    """A volume's name that is taken may be another team's, and one with driver options may be a
    path of the host: that one has to be given to somebody."""
    commands, held, paths = engine_of(host).commands, book(), settings.BIND_ALLOW
    networks, volumes = (held_names(actor, host, kind) for kind in ("network", "volume"))
    owned = {name for at, kind, name in held.held if (at, kind) == (host, "volume")}
    all_held = ((key, by) for key, by in held.held.items() if key[:2] == (host, "network"))
    common = {name for (_at, _kind, name), by in all_held if by.shared}
    there: list[Mapping[str, Any]] = []
    if any(mount.kind is MountKind.VOLUME and mount.source for mount in spec.mounts):
        there = list(commands.volumes())
    if sees_all(actor, host):
        volumes |= owned
        volumes |= set(names(each for each in there if plain(each)))
        if spec.networks:
            networks |= set(names(commands.networks())) - {"host"}
            common = set()
    taken = owned | set(names(there))
    return Means(networks, volumes, frozenset(taken), frozenset(common), paths, held.policy(host))


def names(objects: Any) -> Iterator[str]:
    return (str(each["Name"]) for each in objects)


def plain(volume: Mapping[str, Any]) -> bool:
    """Only ``local`` without options is a folder of the engine's own."""
    return volume.get("Driver") == "local" and not volume.get("Options")
