"""A container made anew: as it was but for what was changed, or as it was altogether."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from access.actors import Actor
from access.models import OwnedContainer
from audit.models import Entry
from containers import actions
from containers.models import Replacement
from containers.originals import original
from containers.replacing import under_way
from engine.errors import Conflict
from jobs.models import Job
from tests.access.people import team, user
from tests.api.client import is_problem, program
from tests.conftest import LABEL, DockerCli
from tests.containers.replacing_cast import BUSYBOX, changed, ended, inspect, target_of
from tests.containers.replacing_cast import ada as ada
from tests.containers.replacing_cast import net as net
from tests.containers.replacing_cast import old as old
from tests.containers.replacing_cast import root as root
from tests.runtime import runtime as runtime


def test_it_has_its_name_volumes_networks_and_what_was_changed(
    old: str, root: Actor, docker_cli: DockerCli, net: tuple[str, str]
) -> None:
    before = inspect(docker_cli, old)
    owner = OwnedContainer.objects.create(
        host="dock", container_id=before["Id"], team=team("shop"), how="created"
    )
    target, spec = changed(old, env=(("A", "2"),))
    job = ended(actions.edit(root, target, spec))
    assert job.state == "done", job.error
    after = inspect(docker_cli, old)
    assert after["Id"] != before["Id"] == target.id
    assert after["State"]["Running"]
    assert "A=2" in after["Config"]["Env"]
    for aliased, alias in zip(net, ("shop", "other"), strict=True):
        assert alias in after["NetworkSettings"]["Networks"][aliased]["Aliases"]
    told = docker_cli("exec", old, "cat", "/anonymous/f", "/data/f").stdout
    assert told == "kept\nkept\n"
    names = {m["Destination"]: m["Name"] for m in before["Mounts"]}
    assert {m["Destination"]: m["Name"] for m in after["Mounts"]} == names
    owner.refresh_from_db()
    assert (owner.container_id, owner.team) == (after["Id"], team("shop"))
    assert docker_cli("inspect", before["Id"], check=False).returncode
    assert not Replacement.objects.exists()
    rows = Entry.objects.filter(event="container.edit").order_by("seq")
    assert [(row.result, row.object_id) for row in rows] == [
        ("intent", before["Id"]),
        ("ok", after["Id"]),
    ]
    again, spec = changed(old)
    assert ended(actions.edit(root, again, spec)).state == "done"
    assert {m["Destination"]: m["Name"] for m in inspect(docker_cli, old)["Mounts"]} == names


def test_more_memory_takes_the_swap_along_that_the_engine_set(
    root: Actor, docker_cli: DockerCli, container: Callable[..., str]
) -> None:
    """As a run with that memory would: the engine refuses a swap that is below it."""
    id = container("sleep", "3600", options=("-m", "64m", "--stop-timeout=0"))
    target, spec = changed(id, memory=256 << 20)
    assert (original(target).spec.memory_swap, spec.memory_swap) == (0, 0)
    job = ended(actions.edit(root, target, spec))
    assert job.state == "done", job.error
    limits = inspect(docker_cli, job.result["object_id"])["HostConfig"]
    assert (limits["Memory"], limits["MemorySwap"]) == (256 << 20, 512 << 20)
    docker_cli("rm", "-f", job.result["object_id"])


def texts_of(page: Any) -> dict[str, str]:
    said = {key: value for key, value in page.context["form"].initial.items() if value}
    return {key: "on" if value is True else str(value) for key, value in said.items()}


def test_the_form_shows_the_difference_first_and_keeps_secrets(
    old: str, ada: Client, docker_cli: DockerCli
) -> None:
    options = ("-e", "TOKEN=hunter2", "-e", "A=1", "--label", LABEL, "--network", "none")
    options = (*options, "--stop-timeout=0")
    words = ("sh", "-c", "sleep 3600; X_PASSWORD=hunter3")
    id = docker_cli("run", "-d", *options, "--name", f"{old}-two", BUSYBOX, *words).stdout.strip()
    target_of(id)
    base = f"/hosts/dock/containers/{id}/"
    filled = ada.get(f"{base}edit/")
    assert "hunter" not in filled.content.decode()
    asked = texts_of(filled)
    asked["env"] = asked["env"].replace("A=1", "A=2")
    page = ada.post(f"{base}edit/", asked)
    told = [(each.field, each.old, each.new) for each in page.context["differences"]]
    assert told[0] == ("env", ("-e A=1",), ("-e A=2",))
    forced = {"pids_limit", "security_options", "log_driver", "log_options"}
    assert {field for field, *_rest in told[1:]} <= forced  # what the policy always sets
    assert "hunter" not in page.content.decode()
    assert inspect(docker_cli, id)["State"]["Running"]
    assert (
        ada.post(f"{base}edit/", asked | {"back": "1"}).context["form"].data["env"] == asked["env"]
    )
    sent = ada.post(f"{base}edit/", asked | {"confirmed": "1"})
    assert sent["Location"].startswith("/jobs/"), sent.content.decode()[:3000]
    job = ended(Job.objects.get())
    assert job.state == "done", job.error
    after = inspect(docker_cli, f"{old}-two")
    assert {"A=2", "TOKEN=hunter2"} <= set(after["Config"]["Env"])
    assert after["Config"]["Cmd"][-1] == words[-1]
    rows = str(list(Entry.objects.values())) + str(list(Job.objects.values()))
    assert "hunter" not in rows


def test_a_copy_is_offered_another_name_and_the_api_does_all_three(
    old: str, root: Actor, ada: Client, docker_cli: DockerCli
) -> None:
    id = inspect(docker_cli, old)["Id"]
    base = f"hosts/dock/containers/{target_of(id).id}"
    copy = ada.get(f"/{base}/duplicate/")
    assert copy.context["form"].initial["name"] == f"{old}-copy"
    asks = program(user("root"))
    spec = asks.get(f"{base}/spec").json()
    assert (spec["image"], spec["env"]) == (BUSYBOX, {"A": "1"})
    spec["env"]["A"] = "3"
    named = is_problem(asks.post(f"{base}/edit", spec | {"name": "another"}), 422)
    assert named["errors"][0]["field"] == "name"
    answer = asks.post(f"{base}/edit", spec)
    assert answer.status_code == 202, answer.content
    job = ended(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert job.state == "done", job.error
    after = inspect(docker_cli, old)
    assert "A=3" in after["Config"]["Env"]
    base = f"hosts/dock/containers/{target_of(after['Id']).id}"
    is_problem(asks.post(f"{base}/duplicate", {"name": old}), 409)
    again = asks.post(f"{base}/recreate")  # of no registry: the job fails, and nothing changes
    assert again.status_code == 202, again.content
    assert ended(Job.objects.get(pk=again.json()["job"]["id"])).state == "failed"
    assert inspect(docker_cli, old)["Id"] == after["Id"]


def test_what_cannot_wait_is_not_begun(
    container: Callable[..., str], root: Actor, docker_cli: DockerCli
) -> None:
    gone_at_once = target_of(container(options=("--rm",)))
    with pytest.raises(Conflict, match="removes itself"):
        actions.edit(root, gone_at_once, original(gone_at_once).spec)
    paused = target_of(container())
    docker_cli("pause", paused.id)
    with pytest.raises(Conflict, match="paused"):
        actions.recreate(root, paused)
    docker_cli("unpause", paused.id)
    free = target_of(container())
    fields = {"host": "dock", "old_id": free.id, "name": "x", "token": "0", "right": "x"}
    under_way.add(("dock", free.id))
    Replacement.objects.create(**fields, ran=True)
    with pytest.raises(Conflict, match="already"):
        actions.edit(root, free, original(free).spec)
    under_way.discard(("dock", free.id))
    Replacement.objects.all().delete()


def test_one_that_does_not_run_is_not_started_and_one_that_ends_comes_back(
    container: Callable[..., str], root: Actor, docker_cli: DockerCli
) -> None:
    made = target_of(container(start=False))
    spec = original(made).spec
    job = ended(actions.edit(root, made, replace(spec, env=(("B", "1"),))))
    after = inspect(docker_cli, job.result["object_id"])
    assert after["State"]["Status"] == "created"
    assert after["Name"] == f"/{made.name}"
    runs = target_of(container(options=("--stop-timeout=0",)))
    job = ended(actions.edit(root, runs, replace(original(runs).spec, command=("false",))))
    assert "ended at once" in job.error
    assert inspect(docker_cli, runs.id)["State"]["Running"]
