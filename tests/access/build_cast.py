"""Who builds beside another team, and what is left of it on the engine."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import LazySettings

from access.actors import Actor
from access.models import FencePolicy, Holding, Team
from access.roles import Role
from engine.build_spec import BuildSpec
from hosts.live import engine_of
from images import actions
from jobs.models import Job
from tests.access.people import actor, dock, grant, team, user
from tests.conftest import DockerCli
from tests.images.conftest import mirrored, remove_marked
from tests.images.people import ended
from tests.runtime import Loop, until


@dataclass(frozen=True)
class Yard:
    """A developer of one team, the other team's own image, and a label of all that is tried."""

    who: Actor
    shop: Team
    bank: Team
    base: str
    theirs: str
    theirs_id: str
    mark: str

    def fill(self, text: str) -> str:
        return text.format(theirs=self.theirs, id=self.theirs_id, short=self.theirs_id[:12])


@pytest.fixture
def yard(
    runtime: Loop, docker_cli: DockerCli, busybox: str, settings: LazySettings
) -> Iterator[Yard]:
    mark = f"bld-{secrets.token_hex(4)}"
    shop, bank = team("shop", user("dev")), team("bank")
    for each in (shop, bank):
        grant(each, Role.DEVELOPER)
    FencePolicy.objects.create(host=dock(), registries="docker.io, 127.0.0.1:1")
    base = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind="image", name=base.id)
    theirs = f"127.0.0.1:1/{mark}/theirs:1"  # nothing listens there: the pull fails at once
    text = f"FROM {busybox}\nLABEL of={mark}\nENV THEIRS=1\n"
    docker_cli("build", "-t", theirs, "-", input=text)
    id = mirrored(docker_cli, theirs)
    Holding.objects.create(host="dock", kind="image", name=id, team=bank)
    yield Yard(actor(user("dev")), shop, bank, busybox, theirs, id, mark)
    remove_marked(docker_cli, mark)


def built(yard: Yard, text: str, **fields: object) -> Job:
    return ended(actions.build(yard.who, "dock", BuildSpec(text, **fields)))  # type: ignore[arg-type]


def unnamed(docker_cli: DockerCli, mark: str) -> set[str]:
    """Containers and images without a name that have this label."""
    label = f"--filter=label=of={mark}"
    found = docker_cli("ps", "-aq", label).stdout
    return set((found + docker_cli("images", "-q", "--filter=dangling=true", label).stdout).split())
