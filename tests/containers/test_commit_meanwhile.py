"""What happens while an image is made of a container: another try, its end, a name that becomes
somebody else's. Nothing is left of one that was cancelled."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import Holding, User
from access.targets import ContainerTarget
from containers import actions, committing
from containers.models import OpenCommit
from engine.commit_spec import CommitSpec
from engine.streams import Streams
from hosts.live import engine_of
from jobs import runner
from tests.access.people import actor
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.containers.commit_cast import box as box
from tests.containers.commit_cast import commit, shop_of
from tests.containers.commit_cast import mark as mark
from tests.containers.commit_cast import root as root
from tests.images.people import ended
from tests.runtime import until


def test_one_at_a_time_of_a_container(
    box: Callable[..., ContainerTarget], root: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = box()
    monkeypatch.setattr(Streams, "commit", never)
    job = actions.commit(actor(root), target, CommitSpec())
    base = f"hosts/dock/containers/{target.id}/commit"
    is_problem(program(root).post(base, {}), 409)
    client.force_login(root)
    again = client.post(f"/{base}/", {"pause": "on"})
    assert (again.status_code, "already: wait" in again.content.decode()) == (409, True)
    runner.cancel(actor(root), job)
    assert ended(job).state == "cancelled"


async def never(self: Streams, id: str, *asked: object) -> str:
    await asyncio.sleep(3600)
    return ""


def images(docker_cli: DockerCli, text: str) -> list[str]:
    """Ids of those with this message."""
    form = "{{.Id}} {{.Comment}}"
    ids = docker_cli("images", "-q", "--filter", "dangling=true", "--no-trunc").stdout.split()
    told = docker_cli("inspect", "-f", form, *ids, check=False).stdout.splitlines() if ids else []
    return [line.split(" ")[0] for line in told if line.endswith(f" {text}")]


def test_what_is_cancelled_leaves_nothing(
    box: Callable[..., ContainerTarget],
    root: User,
    docker_cli: DockerCli,
    mark: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine has made it by then. Others of the same container that say the same stay: by
    somebody else at that time, and by the same person at once."""
    target, real = box(), Streams.commit
    done = threading.Event()

    async def slow(self: Streams, id: str, *asked: Any) -> str:
        made = await real(self, id, *asked)
        if not done.is_set():
            done.set()
            await asyncio.sleep(3600)
        return made

    monkeypatch.setattr(Streams, "commit", slow)
    job = actions.commit(actor(root), target, CommitSpec(f"{mark}/a:1", message=mark))
    assert done.wait(30)
    (first,) = images(docker_cli, mark)
    other = docker_cli("commit", "-m", mark, target.id).stdout.strip()
    runner.cancel(actor(root), job)
    assert ended(job).state == "cancelled"
    second = commit(root, target, CommitSpec(message=mark))
    until(lambda: first not in images(docker_cli, mark), 20)
    kept = {other, f"sha256:{second.result['image_id']}"}
    until(lambda: not OpenCommit.objects.exists(), 20)
    assert {*images(docker_cli, mark)} == kept
    assert docker_cli("image", "inspect", f"{mark}/a:1", check=False).returncode
    docker_cli("rmi", *kept)
    assert Holding.objects.get(kind="image").name == second.result["image_id"]


def test_cancelled_while_it_is_named_the_name_goes_back(
    box: Callable[..., ContainerTarget],
    root: User,
    docker_cli: DockerCli,
    mark: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target, real = box(), committing.image_called
    first = commit(root, target, CommitSpec(f"{mark}/a:1"))
    asked, go, named = threading.Event(), threading.Event(), threading.Event()
    names = committing.named

    def waits(*args: Any) -> str:
        asked.set()
        assert go.wait(30)
        return real(*args)

    def tells(*args: Any) -> Any:
        try:
            return names(*args)
        finally:
            named.set()

    monkeypatch.setattr(committing, "image_called", waits)
    monkeypatch.setattr(committing, "named", tells)
    job = actions.commit(actor(root), target, CommitSpec(f"{mark}/a:1", message=mark))
    assert asked.wait(30)
    runner.cancel(actor(root), job)
    assert ended(job).state == "cancelled"
    go.set()
    assert named.wait(30)
    form = ("inspect", "-f", "{{.Id}} {{.Comment}}", f"{mark}/a:1")
    until(lambda: docker_cli(*form).stdout.strip() == f"sha256:{first.result['image_id']}", 20)
    until(lambda: not images(docker_cli, mark), 20)


def test_a_name_that_became_anothers_meanwhile_stays_theirs(
    box: Callable[..., ContainerTarget],
    busybox: str,
    docker_cli: DockerCli,
    mark: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target, real, name = box(), Streams.commit, f"{mark}/a:1"
    shop, someone = shop_of(target, "container.commit")

    async def overtaken(self: Streams, id: str, *asked: Any) -> str:
        made = await real(self, id, *asked)
        docker_cli("tag", busybox, name)
        await asyncio.to_thread(until, lambda: engine_of("dock").mirror.find_image(name), 20)
        return made

    monkeypatch.setattr(Streams, "commit", overtaken)
    job = commit(someone, target, CommitSpec(name))
    assert job.state == "failed"
    assert f"reference: {name} is the name of an image of others" in job.error
    assert Holding.objects.get(kind="image", name=job.result["image_id"]).team == shop
    docker_cli("rmi", job.result["image_id"])
