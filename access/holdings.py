"""How many volumes and networks a team has on a host: names that it holds and that are there.

A name that somebody removed on the host itself stays the team's, and takes no room. Volumes without
a name of somebody's choice belong to their containers, and do not count.
"""

from collections.abc import Iterable

from access.book import book
from access.models import Kind
from engine.errors import EngineError
from engine.spec_values import MountKind
from engine.specs import ContainerSpec
from engine.types import EngineState
from hosts.live import engine_of

KINDS = {"volumes": Kind.VOLUME, "networks": Kind.NETWORK}


def counts(team_id: int, host: str, fields: Iterable[str]) -> dict[str, int]:
    """Of those of ``fields`` that are such: one call to the engine each. Raises EngineErrors."""
    asked = [field for field in fields if field in KINDS]
    return {field: len(held(team_id, host, field) & there(host, field)) for field in asked}


def shown(team_id: int, host: str) -> dict[str, int]:
    """The same for a page: where the engine does not answer, all that the team holds."""
    try:
        if engine_of(host).mirror.snapshot.state is EngineState.UP:
            return counts(team_id, host, KINDS)
    except EngineError:
        pass
    return {field: len(held(team_id, host, field)) for field in KINDS}


def held(team_id: int, host: str, field: str) -> frozenset[str]:
    by_name = book().held.items()
    of = (host, KINDS[field])
    return frozenset(name for (*at, name), by in by_name if (*at,) == of and team_id in by.teams)


def there(host: str, field: str) -> frozenset[str]:
    commands = engine_of(host).commands
    found = commands.volumes() if field == "volumes" else commands.networks()
    return frozenset(str(each["Name"]) for each in found)


def new_volumes(host: str, spec: ContainerSpec) -> int:
    """How many a container would make by naming them."""
    named = {m.source for m in spec.mounts if m.kind is MountKind.VOLUME and m.source}
    return len(named - there(host, "volumes")) if named else 0
