"""Limits and restart policy changed in place: beside what the engine says afterwards."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.errors import Fenced
from access.models import FencePolicy, OwnedContainer, Quota, Team
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers import actions
from engine.update import Update
from hosts.live import engine_of
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import is_problem, program
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop
from tests.runtime import runtime as runtime

MIB = 2**20


@pytest.fixture
def shop(runtime: Loop) -> Team:
    made = team("shop", user("bob"))
    grant(made, "developer")
    return made


@pytest.fixture
def box(shop: Team, container: Callable[..., str]) -> str:
    id = known(container(options=("-m", "64m", "--pids-limit", "50")))
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    return id


def bob() -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user("bob"))
    return made


def config(docker_cli: DockerCli, id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("inspect", id).stdout)[0]["HostConfig"]
    return found


def form(**fields: str) -> dict[str, str]:
    now = {"memory": "64m", "memory_swap": "128m", "pids_limit": "50", "restart": "no"}
    return now | fields


def test_what_is_typed_is_what_the_engine_has(box: str, docker_cli: DockerCli) -> None:
    address = f"/hosts/dock/containers/{box}/update/"
    asked = bob().get(address).content.decode()
    for text in ('value="64m"', 'value="128m"', 'value="50"'):
        assert text in asked
    typed = form(
        memory="96m", nano_cpus="0.5", cpu_shares="512", pids_limit="80", restart="on-failure"
    )
    sent = bob().post(address, typed | {"retries": "3"})
    assert sent.status_code == 302, sent.content.decode()
    has = config(docker_cli, box)
    assert (has["Memory"], has["MemorySwap"]) == (96 * MIB, 192 * MIB)
    assert (has["NanoCpus"], has["CpuShares"], has["PidsLimit"]) == (5 * 10**8, 512, 80)
    assert has["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    row = engine_of("dock").mirror.snapshot.containers[box]
    assert (row.memory_limit, row.cpu_limit) == (96 * MIB, 0.5)
    entry = Entry.objects.get(event="container.update", result=Result.OK)
    assert entry.command_line == (
        "docker update --memory=96m --memory-swap=192m --cpus=0.5 --cpu-shares=512"
        f" --pids-limit=80 --restart=on-failure:3 {row.name}"
    )
    page = bob().get(f"/hosts/dock/containers/{box}/overview/").content.decode()
    for text in ("96.0 MiB", "192 MiB with swap", "on-failure:3", "512"):
        assert text in page, text


WRONG = (
    ({}, "This is what it has already"),
    ({"memory": ""}, "takes no limit away"),
    ({"memory": "1m"}, "least memory"),
    ({"memory": "lots"}, "is not a size"),
    ({"memory_swap": "8m"}, "cannot be below memory"),
    ({"memory_swap": "-1"}, "-1 is not a size from 1 to"),
    ({"memory_swap": "1g"}, "at most twice the memory"),
    ({"pids_limit": "99999"}, "is not between 1 and 4096"),
    ({"cpu_shares": "9999"}, "is not between 1 and 1024"),
    ({"cpu_shares": "1"}, "takes no limit away"),
    ({"restart": "always", "retries": "3"}, "on-failure only"),
    ({"restart": "sometimes"}, "not one of the available choices"),
    ({"nano_cpus": "500"}, "CPUs"),  # the engine's own words
)


def test_what_is_wrong_or_outside_is_said_at_its_field(box: str, docker_cli: DockerCli) -> None:
    before, client = config(docker_cli, box), bob()
    for fields, words in WRONG:
        sent = client.post(f"/hosts/dock/containers/{box}/update/", form(**fields))
        assert sent.status_code == 422, fields
        assert words in sent.content.decode(), fields
    assert config(docker_cli, box) == before


def test_nobody_gets_more_than_the_team_has_room_for(
    shop: Team, box: str, docker_cli: DockerCli
) -> None:
    Quota.objects.create(team=shop, host=dock(), memory=100 * MIB, cpus=2)
    over = bob().post(f"/hosts/dock/containers/{box}/update/", form(memory="128m"))
    assert over.status_code == 422
    assert "there is no room for 64 MiB more" in over.content.decode()
    told = is_problem(
        program(user("bob")).post(f"hosts/dock/containers/{box}/update", {"memory": 128 * MIB}), 409
    )
    assert told["errors"][0]["field"] == "memory"
    assert config(docker_cli, box)["Memory"] == 64 * MIB
    inside = bob().post(f"/hosts/dock/containers/{box}/update/", form(memory="96m"))
    assert inside.status_code == 302
    less = form(memory="32m", memory_swap="192m") | {"memory_swap": "64m"}
    assert bob().post(f"/hosts/dock/containers/{box}/update/", less).status_code == 302
    assert config(docker_cli, box)["Memory"] == 32 * MIB


def test_the_fence_stands_for_superusers_too_and_beyond_it_asks(
    box: str, docker_cli: DockerCli
) -> None:
    root = actor(user("root", is_superuser=True))
    target = ContainerTarget.of("dock", engine_of("dock").mirror.snapshot.containers[box])
    wide = Update(memory_swap=-1), Update(pids_limit=100_000), Update(cpu_shares=200_000)
    for changes in wide:
        with pytest.raises(Fenced):
            actions.update(root, target, changes)
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": True})
    with pytest.raises(Fenced, match="say why"):
        actions.update(root, target, wide[0])
    assert not Entry.objects.filter(event="container.update", result=Result.INTENT).exists()
    assert config(docker_cli, box)["MemorySwap"] == 128 * MIB


def test_what_reaches_its_host_is_given_no_more_of_it(
    shop: Team, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = known(container(options=("--pid", "host")))
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    for below in ("update/", "connect/"):
        assert bob().get(f"/hosts/dock/containers/{id}/{below}").status_code == 403
    assert "update/" not in bob().get(f"/hosts/dock/containers/{id}/overview/").content.decode()


def test_by_api(box: str, docker_cli: DockerCli) -> None:
    asks, address = program(user("bob")), f"hosts/dock/containers/{box}/update"
    policy = {"name": "always", "max_retries": 0}
    told = asks.post(address, {"pids_limit": 60, "restart": policy})
    assert told.status_code == 200, told.content
    assert told.json()["container"]["restart_policy"] == "always"
    assert told.json()["warnings"] == []
    has = config(docker_cli, box)
    assert (has["PidsLimit"], has["RestartPolicy"]["Name"]) == (60, "always")
    for body, fields in (
        ({}, set()),
        ({"memory": 1}, {"memory"}),
        ({"Privileged": True}, {"Privileged"}),
        ({"memory": "64m"}, {"memory"}),
        ({"restart": {"name": "x"}}, {"restart"}),
    ):
        problem = is_problem(asks.post(address, body), 422)
        found = {each["field"].rpartition(".")[2] for each in problem.get("errors", ())}
        assert found == fields, body
    docker_cli("update", "--restart", "no", box)


def test_a_role_or_a_token_without_the_right_changes_nothing(
    shop: Team, box: str, docker_cli: DockerCli
) -> None:
    eve = user("eve")
    team("ops", eve)
    grant(team("ops"), "operator", selector="all")
    client = Client(headers={"accept": "text/html"})
    client.force_login(eve)
    assert (
        client.post(f"/hosts/dock/containers/{box}/update/", form(memory="96m")).status_code == 403
    )
    asks = program(user("bob"), "container.see", "container.stop")
    is_problem(asks.post(f"hosts/dock/containers/{box}/update", {"pids_limit": 60}), 403)
    assert config(docker_cli, box)["Memory"] == 64 * MIB
    assert config(docker_cli, box)["PidsLimit"] == 50
