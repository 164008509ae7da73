"""Containers to make images of, who does it, and what the images say of themselves."""

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.models import OwnedContainer, Team, User
from access.roles import Role
from access.targets import ContainerTarget
from containers import actions
from engine.commit_spec import CommitSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.people import actor, grant, team, user
from tests.conftest import DockerCli
from tests.images.people import ended
from tests.runtime import Loop, until


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """A prefix of names; what has one is gone after the test."""
    made = f"commit-{secrets.token_hex(4)}"
    yield made
    form = "{{.Repository}}:{{.Tag}}"
    told = docker_cli("images", "--filter", f"reference={made}/*", "--format", form).stdout.split()
    docker_cli("rmi", "-f", *told, check=False)


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> Callable[..., ContainerTarget]:
    """``box(script, *options)``: a container that wrote something, and sleeps."""

    def make(script: str = "echo x >/made", *options: str) -> ContainerTarget:
        id = container("sh", "-c", f"{script}; sleep 3600", options=options)
        return known(id)

    return make


def known(id: str) -> ContainerTarget:
    rows = engine_of("dock").mirror
    until(lambda: (row := rows.snapshot.containers.get(id)) and row.dangers is not None, 30)
    return ContainerTarget.of("dock", rows.snapshot.containers[id])


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password="x")


def config(docker_cli: DockerCli, image: str) -> dict[str, Any]:
    """All but the host name that stands in an image: of whichever container it was made."""
    told = json.loads(docker_cli("inspect", "--type=image", image).stdout)[0]
    told["Config"].pop("Hostname", None)
    return {
        **{key: told[key] for key in ("Config", "Author", "Comment", "Architecture")},
        "layers": len(told["RootFS"]["Layers"]),
    }


def commit(who: User, target: ContainerTarget, spec: CommitSpec) -> Job:
    return ended(actions.commit(actor(who), target, spec))


def shop_of(target: ContainerTarget, *ticks: str) -> tuple[Team, User]:
    shop = team("shop", someone := user("dev"))
    grant(shop, Role.DEVELOPER, extras=list(ticks))
    OwnedContainer.objects.create(host="dock", container_id=target.id, team=shop, how="created")
    return shop, someone
