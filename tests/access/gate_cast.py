"""A person, a team, and containers that nobody has to run."""

from typing import Any

import pytest

from access.models import OwnedContainer, Team, User
from access.targets import ContainerTarget
from tests.access.people import team, user
from tests.containers.rows import row


def box(**fields: Any) -> ContainerTarget:
    return ContainerTarget.of("dock", row(**{"dangers": (), **fields}))


def owned(by: Team, **fields: Any) -> ContainerTarget:
    target = box(**fields)
    OwnedContainer.objects.create(host="dock", container_id=target.id, team=by, how="created")
    return target


@pytest.fixture
def bob() -> User:
    return user("bob")


@pytest.fixture
def shop(bob: User) -> Team:
    return team("shop", bob)
