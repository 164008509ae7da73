"""A container made anew: as it was but for what was changed, or as it was altogether."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from access.actors import Actor
from access.models import OwnedContainer
from access.targets import ContainerTarget
from audit.models import Entry
from containers import actions, replacements, swap
from containers.models import Replacement
from containers.originals import original
from containers.replacing import under_way
from engine.command_line import from_line
from engine.errors import Conflict, Refused
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.people import actor, team, user
from tests.api.client import is_problem, program
from tests.conftest import LABEL, DockerCli
from tests.registry import Registry
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

STEPS = ("create", "connect", "stop", "step_aside", "take_name", "start", "stands", "finish")
BUSYBOX = "wharfinger-test/busybox:latest"
FEW = ("connect", "stands", "finish")  # of them in the ordinary run


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
    container: Callable[..., str], net: tuple[str, str], docker_cli: DockerCli, root: Actor
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


def often(steps: tuple[str, ...], few: tuple[str, ...]) -> list[Any]:
    long = pytest.mark.long
    return [step if step in few else pytest.param(step, marks=long) for step in steps]


@pytest.mark.parametrize("step", often(STEPS, FEW))
def test_a_failure_at_any_step_leaves_it_as_it_was(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the step and after it: what it did is undone, too."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    volume = f"{old}-new"
    mounts = (*spec.mounts, *spec_of(f"-v {volume}:/new").mounts)
    failing(monkeypatch, step)
    job = ended(actions.edit(root, target, replace(spec, mounts=mounts)))
    assert (job.state, "injected" in job.error) == ("failed", True), job.error
    assert standing(docker_cli, old) == before
    assert not docker_cli("volume", "ls", "-q", "--filter", f"name={volume}").stdout
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()
    assert Entry.objects.filter(event="container.edit", result="failed").exists()


def spec_of(words: str) -> ContainerSpec:
    return from_line(f"docker run {words} x").spec


def failing(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The engine's call of this step fails; a step of ours fails after it was done."""
    if step == "finish":

        def refuse(*asked: Any) -> bool:
            raise Refused("injected")

        monkeypatch.setattr(swap, "remove_old", refuse)
        return
    done = getattr(swap.Swap, step)

    def then_fail(self: swap.Swap, *asked: Any) -> None:
        done(self, *asked)
        raise Refused("injected")

    monkeypatch.setattr(swap.Swap, step, then_fail)


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


@pytest.mark.parametrize("step", often(STEPS[:-1], ("take_name",)))
def test_what_a_crash_leaves_is_undone_by_the_next_start(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had been killed right after the step."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    monkeypatch.setattr(replacements, "mend_all", lambda: None)
    monkeypatch.setattr("containers.replacing.undo", lambda commands, row: killed())
    failing(monkeypatch, step)
    ended(actions.edit(root, target, spec))
    row = Replacement.objects.get()
    replacements.mend(row)
    assert standing(docker_cli, old) == before
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()


def killed() -> None:
    raise Refused("killed")


@pytest.fixture
def ada(root: Actor, client: Client) -> Client:
    client.force_login(user("root"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


def texts_of(page: Any) -> dict[str, str]:
    said = {key: value for key, value in page.context["form"].initial.items() if value}
    return {key: "on" if value is True else str(value) for key, value in said.items()}


def test_the_form_shows_the_difference_first_and_keeps_secrets(
    old: str, ada: Client, docker_cli: DockerCli
) -> None:
    options = ("-e", "TOKEN=hunter2", "-e", "A=1", "--label", LABEL, "--network", "none")
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


def test_the_newest_image_is_pulled_told_and_what_came_from_the_old_one_follows(
    ada: Client, root: Actor, registry: Registry, docker_cli: DockerCli
) -> None:
    reference, name = f"{registry.address}/anew/{secrets.token_hex(4)}:1", secrets.token_hex(6)
    ids: list[str] = []
    for version in ("2", "1"):
        text = f"FROM {BUSYBOX}\nENV V={version}\nLABEL v={version}\nCMD sleep 6{version}\n"
        ids.insert(0, docker_cli("build", "-qt", reference, "-", input=text).stdout.strip()[7:])
        docker_cli("push", reference) if version == "2" else None
    try:
        options = ("--stop-timeout=0", "--network", "none", "--label", "own=1", "-e", "OWN=1")
        made = docker_cli("run", "-d", "--name", name, *options, reference).stdout.strip()
        target = target_of(made)
        listed = f"/hosts/dock/containers/?q=is:outdated+name:{name}"
        assert "newer image" not in ada.get(listed).content.decode()
        job = ended(actions.recreate(root, target))
        assert job.state == "done", job.error
        after = inspect(docker_cli, name)
        assert (after["Id"] != made, after["Image"][7:]) == (True, ids[1])
        assert after["Config"]["Labels"] == {**after["Config"]["Labels"], "v": "2", "own": "1"}
        assert {"V=2", "OWN=1"} <= set(after["Config"]["Env"])
        assert after["Config"]["Cmd"][-1] == "sleep 62"
        again = ended(actions.recreate(root, target_of(after["Id"])))
        assert (again.state, again.result["object_id"]) == ("done", after["Id"]), again.error
        assert inspect(docker_cli, name)["Id"] == after["Id"]
        docker_cli("tag", ids[0], reference)
        until(lambda: "newer image" in ada.get(listed).content.decode(), 20)
        assert "Newer image" in ada.get(f"/hosts/dock/containers/{after['Id']}/").content.decode()
    finally:
        docker_cli("rm", "-fv", name, check=False)
        docker_cli("rmi", "-f", reference, *ids, check=False)
