"""Which containers are in a network and under what addresses, as far as one sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.network_rows import Member, members_of
from engine.types import ContainerRow

# Of the whole network, others' containers included.
WHOLE = ("Peers", "Services", "Status")


@dataclass(frozen=True, slots=True)
class Joined:
    """One container; without addresses where it does not run."""

    container: ContainerRow
    address: str
    address6: str
    mac: str


@dataclass(frozen=True, slots=True)
class Members:
    """``others``: whether some are in it that one does not see; how many is not told."""

    joined: tuple[Joined, ...]
    others: bool


def members(inspect: Mapping[str, Any], users: Sequence[ContainerRow]) -> Members:
    """``users`` are the containers in it that one sees, stopped ones too."""
    known = {member.container_id: member for member in members_of(inspect)}
    nowhere = Member("", "", "", "")
    joined = tuple(
        Joined(user, at.address, at.address6, at.mac)
        for user in users
        for at in [known.get(user.id, nowhere)]
    )
    return Members(joined, bool(known.keys() - {user.id for user in users}))


def for_eyes_of(
    inspect: Mapping[str, Any], users: Sequence[ContainerRow], sees_all: bool
) -> dict[str, Any]:
    """An inspect without what it says of others' containers."""
    if sees_all:
        return dict(inspect)
    own = {user.id for user in users}
    containers = inspect.get("Containers") or {}
    shown = {id: one for id, one in containers.items() if id in own}
    return {key: value for key, value in inspect.items() if key not in WHOLE} | {
        "Containers": shown
    }
