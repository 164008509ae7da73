"""Containers to be made anew, who does it, and how they stand before and after."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from access.actors import Actor
from access.targets import ContainerTarget
from containers import swap
from containers.originals import original
from engine.command_line import from_line
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.people import actor, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until

BUSYBOX = "wharfinger-test/busybox:latest"


@pytest.fixture
def root(runtime: Loop, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setattr(swap, "ALIVE_SECONDS", 0.3)
    return actor(user("root", is_superuser=True))


@pytest.fixture
def net(docker_cli: DockerCli) -> Iterator[tuple[str, str]]:
    """Two networks, the first with addresses of our choice."""
    mark = secrets.token_hex(3)
    names = f"anew-a-{mark}", f"anew-b-{mark}"
    third = secrets.randbelow(250)
    docker_cli("network", "create", "--internal", "--subnet", f"10.217.{third}.0/24", names[0])
    docker_cli("network", "create", "--internal", names[1])
    yield names
    docker_cli("network", "rm", *names, check=False)


def target_of(id: str) -> ContainerTarget:
    return ContainerTarget.of(
        "dock", until(lambda: engine_of("dock").mirror.snapshot.containers.get(id), 20)
    )


def inspect(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("inspect", "--type", "container", name).stdout)[0]
    return found


def ended(job: Job) -> Job:
    until(lambda: not Job.objects.get(pk=job.pk).active, 60)
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def old(
    container: Callable[..., str], net: tuple[str, str], docker_cli: DockerCli
) -> Iterator[str]:
    """A running one with two networks, an address, a name there, and volumes; its name."""
    name = f"anew-{secrets.token_hex(4)}"
    options = ("--name", name, "--network", net[0], "--network-alias", "shop", "--stop-timeout=0")
    options += ("-v", "/anonymous", "-v", f"{name}-data:/data", "-e", "A=1", "--label", "x=y")
    id = container("sleep", "3600", options=options)
    docker_cli("network", "connect", "--alias", "other", net[1], id)
    docker_cli("exec", id, "sh", "-c", "echo kept > /anonymous/f; echo kept > /data/f")
    yield name
    names = docker_cli("ps", "-aq", "--filter", f"name={name}").stdout.split()
    docker_cli("rm", "-fv", *names, check=False)
    docker_cli("volume", "rm", f"{name}-data", check=False)


def changed(name: str, **fields: Any) -> tuple[ContainerTarget, ContainerSpec]:
    target = target_of(engine_of("dock").commands.inspect_container(name)["Id"])
    return target, replace(original(target).spec, **fields)


def spec_of(words: str) -> ContainerSpec:
    return from_line(f"docker run {words} x").spec


def standing(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    """What has to be as it was; addresses are given anew with each start."""
    found = inspect(docker_cli, name)
    networks = found["NetworkSettings"]["Networks"]
    return {
        "id": found["Id"],
        "name": found["Name"],
        "running": found["State"]["Running"],
        "config": found["Config"],
        "host": found["HostConfig"],
        "mounts": sorted(found["Mounts"], key=str),
        "networks": {key: (each["IPAMConfig"], each["Aliases"]) for key, each in networks.items()},
    }


@pytest.fixture
def ada(root: Actor, client: Client) -> Client:
    client.force_login(user("root"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client
