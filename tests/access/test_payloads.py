"""Every payload by every way in, for everybody: refused by its field, and nothing is left behind.

Most knock at the action's own door, which every way goes through; some go by each way as a whole.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from access.actors import Actor
from access.errors import Denied, Fenced
from access.models import FencePolicy
from audit.models import Entry, Result
from engine.specs import ContainerSpec
from images.allowed import check_registry
from images.models import Registry
from jobs.models import Job
from tests.access.payload_yard import (
    ALL,
    WITHOUT,
    Yard,
    left_behind,
    makers,
    pull_and_run,
    run,
    turns,
)
from tests.access.payload_yard import yard as yard
from tests.access.payloads import IMAGES, PAYLOADS
from tests.access.people import dock
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime


@pytest.mark.parametrize("every", [0, ALL])
@pytest.mark.parametrize("way", [run, pull_and_run])
def test_no_payload_passes_the_door_for_anybody(
    way: Callable[[Actor, ContainerSpec], object], every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    """Superusers and host admins neither: the host's switch is off."""
    tried = 0
    for number, (words, field) in enumerate(PAYLOADS):
        spec = yard.spec(words)
        for name in turns(way, number, makers(words), every == 1):
            with pytest.raises(Fenced) as refused:
                way(yard.people[name], spec)
            assert field in dict(refused.value.breaches), (words, name)
            assert refused.value.remedies or field == "labels"
            tried += 1
    for name in WITHOUT:  # before anything is looked at, so one says as much as all
        with pytest.raises(Denied):
            way(yard.people[name], yard.spec(PAYLOADS[0][0]))
    denied = Entry.objects.filter(event="container.create", result=Result.DENIED)
    assert denied.count() == tried + len(WITHOUT)
    assert not Entry.objects.filter(event="container.create", result=Result.INTENT).exists()
    assert left_behind(docker_cli, yard) == []
    assert not Job.objects.exists()


@pytest.mark.parametrize("listed", ["", "docker.io"])
def test_no_image_of_another_registry_is_run_or_pulled(
    listed: str, yard: Yard, docker_cli: DockerCli
) -> None:
    """Where one is listed, for superusers too; else they may set up any registry anyway."""
    FencePolicy.objects.create(host=dock(), registries=listed)
    who = ("developer", "host-admin", *(["superuser"] if listed else []))
    for image in IMAGES:
        for name in who:
            with pytest.raises(Fenced) as refused:
                check_registry(yard.people[name], "dock", image)
            assert refused.value.breaches[0][0] == "image"
            spec = replace(yard.spec("", "x"), image=image)
            for way in (run, pull_and_run):
                with pytest.raises((Fenced, Denied)):
                    way(yard.people[name], spec)
    for image in ("busybox", "docker.io/x/y", "index.docker.io/x", "Registry-1.docker.io/x/y"):
        check_registry(yard.people["developer"], "dock", image)
    Registry.objects.create(address="ghcr.io")
    if not listed:
        check_registry(yard.people["developer"], "dock", "GHCR.io/acme/app:1")
    else:
        with pytest.raises(Fenced, match=r"ghcr\.io is not a registry for this host: docker\.io"):
            check_registry(yard.people["superuser"], "dock", "ghcr.io/acme/app:1")
    assert left_behind(docker_cli, yard) == []
