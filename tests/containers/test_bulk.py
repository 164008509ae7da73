"""Verbs on many containers at once: those that were ticked, and a project's, in its order."""

import json
from collections.abc import Callable

from django.test import Client

from access.models import OwnedContainer
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.view_cast import HTMX, known, state
from tests.containers.view_cast import ada as ada
from tests.containers.view_cast import mallory as mallory
from tests.runtime import Loop


def test_many_are_asked_for_once_and_each_is_answered(
    ada: Client, mallory: Client, container: Callable[..., str]
) -> None:
    loop = "trap 'exit 0' TERM; while :; do sleep 0.1; done"
    ids = [container("sh", "-c", loop, options=("--name", f"cl-bulk-{n}")) for n in range(3)]
    for id in ids:
        known(id)
    address = "/hosts/dock/containers/bulk/stop/"
    assert mallory.post(address, {"id": ids}).status_code == 404
    assert Client().post(address, {"id": ids}).status_code == 401
    assert ada.get(address).status_code == 405
    asked = ada.post(address, {"id": ids}, headers=HTMX).content.decode()
    assert all(f"cl-bulk-{n}" in asked for n in range(3))
    assert state(ids[0]) == "running"
    confirmed = {"id": [*ids, "0" * 64], "confirmed": "1", "timeout": "5"}
    response = ada.post(address, confirmed, headers=HTMX)
    told = json.loads(response["HX-Trigger"])
    assert sorted(told["containers-changed"]["ids"]) == sorted(ids)
    result = response.content.decode()
    assert "not there any more" in result
    assert result.count('<b class="wrap">cl-bulk-') == 3
    assert "docker stop --time=5 cl-bulk-" in result
    assert {state(id) for id in ids} == {"exited"}
    assert Entry.objects.filter(event="container.stop", result=Result.OK).count() == 3
    again = ada.post("/hosts/dock/containers/bulk/start/", {"id": ids}, headers=HTMX)
    assert "fields" not in json.loads(again["HX-Trigger"])["toast"]
    stopped = ada.post(address, {**confirmed, "id": ids}, headers=HTMX)
    toast = json.loads(stopped["HX-Trigger"])["toast"]
    assert (toast["action"], toast["url"]) == ("Undo", "/hosts/dock/containers/bulk/start/")
    ada.post(toast["url"], {"id": [value for _name, value in toast["fields"]]}, headers=HTMX)
    assert {state(id) for id in ids} == {"running"}


def test_a_bulk_start_needs_no_question_and_a_refusal_is_told(
    ada: Client, container: Callable[..., str]
) -> None:
    here, there = container("sleep", "60", start=False), container()
    known(here), known(there)
    response = ada.post("/hosts/dock/containers/bulk/start/", {"id": [here, there]})
    assert response.status_code == 200  # a page: no JavaScript
    assert "1 did not work" in response.content.decode()
    assert state(here) == "running"
    both = {"id": [here, there], "confirmed": "1", "force": "on"}
    done = ada.post("/hosts/dock/containers/bulk/remove/", both, headers=HTMX)
    assert done.status_code == 204
    assert not {here, there} & engine_of("dock").mirror.snapshot.containers.keys()
    assert ada.post("/hosts/dock/containers/bulk/stop/").status_code == 422
    assert ada.post("/hosts/dock/containers/bulk/stop/", both).status_code == 404


def test_a_project_is_acted_on_as_one(ada: Client, container: Callable[..., str]) -> None:
    label = ("--label", "com.docker.compose.project=cl <b>bulk</b>")
    one, other = container(options=label), container(options=label)
    known(one), known(other)
    data = {"project": "cl <b>bulk</b>"}
    asked = ada.post("/hosts/dock/containers/bulk/restart/", data, headers=HTMX).content.decode()
    assert f'name="id" value="{one}"' in asked
    assert f'name="id" value="{other}"' in asked


def compose(service: str, *needs: str) -> tuple[str, ...]:
    said = {
        "project": "cl-waves",
        "service": service,
        "depends_on": ",".join(f"{name}:service_started:false" for name in needs),
    }
    return tuple(f"--label=com.docker.compose.{key}={value}" for key, value in said.items())


def test_a_project_starts_and_ends_in_the_order_of_its_services(
    ada: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    made = {
        name: container("sleep", "60", options=compose(name, *needs), start=False)
        for name, *needs in (("web", "api"), ("api", "db"), ("db",))
    }
    for id in made.values():
        known(id)
    of = {"project": "cl-waves"}
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    started = ada.post("/hosts/dock/containers/bulk/start/", of, headers=HTMX)
    assert started.status_code == 204, started.content.decode()
    again = ada.post("/hosts/dock/containers/bulk/start/", of, headers=HTMX)
    assert again.status_code == 409
    ids = {"id": list(made.values()), "confirmed": "1"}
    stop = {"timeout": "0"} | ids
    assert ada.post("/hosts/dock/containers/bulk/stop/", stop, headers=HTMX).status_code == 204
    asked = ada.post("/hosts/dock/containers/bulk/remove/", of, headers=HTMX).content.decode()
    assert "cl-waves: 3 containers" in asked
    assert all(f'value="{id}"' in asked for id in made.values())
    assert ada.post("/hosts/dock/containers/bulk/remove/", ids, headers=HTMX).status_code == 204
    now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    told = docker_cli(
        *("events", "--since", since, "--until", now),
        *("--filter", "label=com.docker.compose.project=cl-waves"),
        *("--format", '{{.Action}} {{index .Actor.Attributes "com.docker.compose.service"}}'),
    ).stdout.splitlines()
    assert [line for line in told if line.startswith(("start ", "die ", "destroy "))] == [
        *("start db", "start api", "start web"),
        *("die web", "die api", "die db"),
        *("destroy web", "destroy api", "destroy db"),
    ]


def test_of_a_project_only_those_are_asked_for_that_one_may_act_on(
    runtime: Loop, container: Callable[..., str]
) -> None:
    bob, own = user("bob"), container(options=compose("mine"))
    other = container(options=compose("theirs"))
    known(own), known(other)
    shop = team("shop", bob)
    OwnedContainer.objects.create(host="dock", container_id=own, team=shop, how="created")
    grant(shop, "operator")
    grant(shop, "viewer", selector="all")
    browser, of = Client(), {"project": "cl-waves"}
    browser.force_login(bob)
    asked = browser.post("/hosts/dock/containers/bulk/stop/", of, headers=HTMX).content.decode()
    assert own in asked
    assert other not in asked
    refused = browser.post("/hosts/dock/containers/bulk/remove/", of, headers=HTMX)
    assert refused.status_code == 403
    viewer = user("eve")
    grant(team("ops", viewer), "viewer", selector="all")
    browser.force_login(viewer)
    assert browser.post("/hosts/dock/containers/bulk/stop/", of).status_code == 403
    assert (state(own), state(other)) == ("running", "running")
