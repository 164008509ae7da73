"""Changing by API: the same actions as the pages, once for each key, and recorded by token."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.models import FencePolicy, Team
from audit.models import Entry
from hosts.live import engine_of
from tests.access.people import grant, user
from tests.api.client import Program, is_problem, program, superuser
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

ALL = "hosts/dock/containers"


@pytest.fixture
def tidy(docker_cli: DockerCli) -> Iterator[None]:
    yield
    mine = docker_cli("ps", "-aq", "--filter", "label=wharfinger-api=1").stdout.split()
    if mine:
        docker_cli("rm", "-fv", *mine, check=False)


def spec(image: str, name: str, **more: Any) -> dict[str, Any]:
    labels = {"wharfinger-test": "1", "wharfinger-api": "1"}
    return {"image": image, "name": name, "command": ["sleep", "600"], "labels": labels, **more}


def developer(shop: Team, *rights: str) -> Program:
    person = user("dev")
    shop.members.add(person)
    grant(shop, "developer")
    return program(person, *rights, name="portal")


def test_a_container_from_its_run_to_its_end(
    shop: Team, busybox: str, tidy: None, docker_cli: DockerCli
) -> None:
    asks = developer(shop)
    made = asks.post(ALL, spec(busybox, "api-life", env={"A": "1"}))
    assert made.status_code == 201, made.content
    id = made.json()["id"]
    assert made.json()["container"]["name"] == "api-life"
    assert docker_cli("inspect", "-f", "{{.Config.Env}}", id).stdout.count("A=1") == 1
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30)
    one = f"{ALL}/{id}"
    assert asks.post(f"{one}/stop", {"timeout": 0}).json()["container"]["state"] == "exited"
    is_problem(asks.post(f"{one}/stop"), 409)
    assert asks.post(f"{one}/start").json()["container"]["state"] == "running"
    assert asks.post(f"{one}/restart", {"timeout": 0}).status_code == 200
    for verb, state, again in (("pause", "paused", 409), ("unpause", "running", 422)):
        assert asks.post(f"{one}/{verb}").json()["container"]["state"] == state
        is_problem(asks.post(f"{one}/{verb}"), again)
    assert asks.post(f"{one}/rename", {"name": "api-other-life"}).json()["container"]["name"] == (
        "api-other-life"
    )
    for name in ("", "x", "a b", "-no", "a\n", None):
        told = is_problem(asks.post(f"{one}/rename", {"name": name}), 422)
        assert told["errors"][0]["field"] == "name"
    is_problem(asks.post(f"{one}/kill", {"signal": "SIGNONE"}), 422)
    assert asks.post(f"{one}/kill", {"signal": "SIGHUP"}).status_code == 200
    assert asks.post(f"{one}/kill").json()["container"]["state"] == "exited"
    is_problem(asks.post(f"{one}/kill"), 409)
    assert asks.post(f"{one}/start").status_code == 200
    is_problem(asks.post(f"{one}/stop", {"timeout": -1}), 422)
    is_problem(asks.post(f"{one}/stop", {"timeout": 0, "signal": "x"}), 422)
    is_problem(asks.ask("DELETE", one), 409)
    assert asks.ask("DELETE", f"{one}?force=true&volumes=true").status_code == 204
    is_problem(asks.get(one), 404)
    rows = Entry.objects.filter(object_id=id)
    verbs = ("create", "stop", "pause", "unpause", "rename", "kill", "remove")
    assert {f"container.{verb}" for verb in verbs} <= {row.event for row in rows}
    assert {row.token.partition(" ")[2] for row in rows} == {"portal"}
    assert {row.user for row in rows} == {"dev"}


def test_the_fence_names_each_field(shop: Team, busybox: str, tidy: None) -> None:
    wide = {
        "privileged": True,
        "pid_mode": "host",
        "mounts": [{"kind": "bind", "source": "/etc", "target": "/x"}],
    }
    for asks in (developer(shop), program(superuser())):
        told = is_problem(asks.post(ALL, spec(busybox, "api-wide", **wide)), 403)
        assert {each["field"] for each in told["errors"]} >= {"privileged", "pid_mode", "mounts"}
    told = is_problem(program(superuser()).post(ALL, spec("a b", "-", pull="now")), 422)
    assert {each["field"] for each in told["errors"]} >= {"image", "name", "pull"}
    assert engine_of("dock").mirror.find_container("api-wide") is None


def test_what_a_token_was_not_given_is_denied_recorded_and_never_done(
    shop: Team, box: str, docker_cli: DockerCli
) -> None:
    asks = developer(shop, "container.see", "container.logs")
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    told = is_problem(asks.post(f"{ALL}/{box}/stop"), 403)
    assert told["detail"] == "This token was not given that: Stop."
    is_problem(asks.ask("DELETE", f"{ALL}/{box}?force=true"), 403)
    is_problem(asks.post(f"{ALL}/{'ab' * 32}/stop"), 404)
    now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    happened = docker_cli(
        "events", "--since", since, "--until", now, "--filter", f"container={box}"
    )
    assert happened.stdout == ""
    row = Entry.objects.get(event="container.stop", object_id=box)
    assert (row.result, row.user, row.token.partition(" ")[2]) == ("denied", "dev", "portal")
    assert row.request_id == told["request_id"]


def test_images_are_pulled_by_a_job_and_removed(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli, busybox: str
) -> None:
    FencePolicy.objects.create(host_id="dock", registries="localhost:1")
    asks = program(superuser())
    started = asks.post("hosts/dock/images", {"reference": "localhost:1/api/none:1"})
    assert started.status_code == 202, started.content
    address = f"jobs/{started.json()['job']['id']}"
    over = until(lambda: (told := asks.get(address).json())["over"] and told, 30)
    assert over["state"] == "failed"
    assert over["error"]
    is_problem(asks.post(f"{address}/cancel"), 409)
    assert [each["id"] for each in asks.get("jobs").json()["items"]] == [over["id"]]
    assert asks.get("jobs?state=running").json()["items"] == []
    told = is_problem(asks.post("hosts/dock/images", {"reference": "No Image"}), 422)
    assert told["errors"][0]["field"] == "reference"
    docker_cli("tag", busybox, "api-tag:1")
    row = until(lambda: engine_of("dock").mirror.find_image("api-tag:1"), 30)
    one = f"hosts/dock/images/{row.id}"
    is_problem(asks.ask("DELETE", f"{one}?reference=no:1"), 422)
    assert asks.ask("DELETE", f"{one}?reference=api-tag:1").json() == {"gone": False}


def test_a_lost_engine_is_503(runtime: Loop, box: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.errors import EngineDown, EngineSilent

    asks, commands = program(superuser()), engine_of("dock").commands
    for error, status in ((EngineDown("gone"), 503), (EngineSilent("slow"), 504)):

        def fails(*args: Any, error: Exception = error, **fields: Any) -> None:
            raise error

        monkeypatch.setattr(commands, "inspect_container", fails)
        answer = asks.get(f"{ALL}/{box}/inspect")
        is_problem(answer, status)
        assert int(answer["Retry-After"]) > 0
