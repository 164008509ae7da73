"""Every view of containers, walked by the cast: works, wrong method, nobody, no right, no id."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from access.models import OwnedContainer, User
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGES = ("", "head/", "overview/", "menu/", "command/", "inspect/", "inspect/tree/")
ASKED = ("stop/", "restart/", "kill/", "rename/", "remove/")
AT_ONCE = ("start/", "pause/", "unpause/")


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    """A superuser's browser; it reads pages as a browser does."""
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def mallory(runtime: Loop) -> Client:
    """Signed in, without any right."""
    browser = Client()
    browser.force_login(User.objects.create_user("mallory"))
    return browser


def known(id: str) -> str:
    """Wait until the mirror has it; its address."""
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return f"/hosts/dock/containers/{id}/"


def state(id: str) -> str:
    return engine_of("dock").mirror.snapshot.containers[id].state


def test_the_pages_work_for_ada_and_are_hidden_from_everybody_else(
    ada: Client, mallory: Client, container: Callable[..., str]
) -> None:
    base = known(container())
    for page in (*PAGES, *ASKED):
        assert ada.get(base + page).status_code == 200, page
        assert ada.get(base + page, headers=HTMX).status_code == 200, page
        assert mallory.get(base + page).status_code == 404, page
        assert Client().get(base + page, headers={"Accept": "text/html"}).status_code == 302
        assert ada.delete(base + page).status_code == 405, page
        assert ada.get(f"/hosts/dock/containers/{'0' * 64}/{page}").status_code == 404
        assert ada.get(f"/hosts/elsewhere/containers/{'0' * 64}/{page}").status_code == 404
    for verb in (*ASKED, *AT_ONCE):
        assert mallory.post(base + verb).status_code == 404, verb
        assert Client().post(base + verb).status_code == 401, verb
        assert ada.post(f"/hosts/dock/containers/{'0' * 64}/{verb}").status_code == 404
    for verb in AT_ONCE:
        assert ada.get(base + verb).status_code == 405, verb


def test_a_name_and_a_short_id_go_on_to_the_full_id_after_the_gate(
    ada: Client, mallory: Client, container: Callable[..., str]
) -> None:
    base = known(id := container(options=("--name", "cl-named")))
    for name in ("cl-named", id[:12]):
        response = ada.get(f"/hosts/dock/containers/{name}/inspect/?q=pid")
        assert (response.status_code, response["Location"]) == (302, f"{base}inspect/?q=pid")
        assert mallory.get(f"/hosts/dock/containers/{name}/").status_code == 404
        assert ada.post(f"/hosts/dock/containers/{name}/stop/").status_code == 404
        assert ada.get(f"/hosts/dock/containers/{name}/start/").status_code == 405
    assert ada.get("/hosts/dock/containers/cl-nobody/").status_code == 404


def test_the_verbs_do_what_they_say(ada: Client, container: Callable[..., str]) -> None:
    base = known(id := container("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"))
    for verb, data, after in (
        ("pause", {}, "paused"),
        ("unpause", {}, "running"),
        ("stop", {"timeout": "5"}, "exited"),
        ("start", {}, "running"),
        ("restart", {"timeout": "5"}, "running"),
        ("kill", {"signal": "SIGTERM"}, "exited"),
    ):
        response = ada.post(f"{base}{verb}/", data)
        assert response.status_code == 302, (verb, response.content)
        until(lambda after=after: state(id) == after, 3)
    assert ada.post(f"{base}rename/", {"name": "cl-renamed"}, headers=HTMX).status_code == 204
    assert engine_of("dock").mirror.snapshot.containers[id].name == "cl-renamed"
    assert ada.post(f"{base}remove/")["Location"] == "/hosts/dock/containers/"
    assert id not in engine_of("dock").mirror.snapshot.containers


def test_a_change_tells_the_page_and_the_record(ada: Client, container: Callable[..., str]) -> None:
    base = known(id := container(options=("--name", "cl-told")))
    response = ada.post(f"{base}stop/", {"timeout": "0"}, headers=HTMX)
    told = json.loads(response["HX-Trigger"])
    assert told["containers-changed"]["ids"] == [id]
    assert "cl-told" in told["toast"]["message"]
    intent, result = Entry.objects.filter(object_id=id).order_by("seq")
    assert (intent.result, result.result) == (Result.INTENT, Result.OK)
    assert (result.event, result.user) == ("container.stop", "ada")
    assert result.command_line == "docker stop --time=0 cl-told"
    page = ada.get(f"{base}overview/").content.decode()
    assert "container.stop" in page
    assert "ada did this" in page


def test_the_engine_keeps_its_own_words(ada: Client, container: Callable[..., str]) -> None:
    base = known(id := container())
    response = ada.post(f"{base}remove/", headers=HTMX)
    assert response.status_code == 409
    assert "running" in json.loads(response["HX-Trigger"])["toast"]["message"]
    assert Entry.objects.filter(object_id=id, result=Result.FAILED).exists()
    assert ada.post(f"{base}unpause/").status_code == 422


def test_a_bad_option_is_named_at_its_field(ada: Client, container: Callable[..., str]) -> None:
    base = known(id := container())
    for verb, data, words in (
        ("stop", {"timeout": "-1"}, "greater than or equal to 0"),
        ("stop", {"timeout": "soon"}, "whole number"),
        ("kill", {"signal": "SIGNONSENSE"}, "valid choice"),
        ("rename", {"name": "no spaces"}, "begins with a letter"),
    ):
        response = ada.post(f"{base}{verb}/", data, headers=HTMX)
        assert response.status_code == 422, verb
        assert words in response.content.decode()
    assert state(id) == "running"


def test_without_javascript_one_comes_back_and_is_told(
    ada: Client, container: Callable[..., str]
) -> None:
    base = known(container("true", options=("--name", "cl-back")))
    came_from = "/hosts/dock/containers/?q=name:cl-back"
    asked = ada.get(f"{base}restart/", headers={"Referer": f"http://testserver{came_from}"})
    assert f'name="next" value="{came_from}"' in asked.content.decode()
    response = ada.post(f"{base}restart/", {"next": came_from}, follow=True)
    assert response.redirect_chain == [(came_from, 302)]
    assert "cl-back was restarted." in response.content.decode()
    evil = ada.post(f"{base}restart/", {"next": "https://evil.example/"})
    assert evil["Location"] == base


def test_a_removal_says_what_goes_and_what_stays(
    ada: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    options = ("-v", "/anonymous", "-v", "cl-named-volume:/named", "-v", "/tmp:/bound")
    base = known(id := container(options=options))
    volumes = docker_cli("inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", id).stdout.split()
    made_up = next(name for name in volumes if len(name) == 64)
    try:
        page = ada.get(f"{base}remove/", headers=HTMX).content.decode()
        for words in (made_up[:12], "deleted if ticked", "cl-named-volume", "stays", "killed"):
            assert words in page
        response = ada.post(f"{base}remove/", {"force": "on", "volumes": "on"}, headers=HTMX)
        assert response.status_code == 204
        left = docker_cli("volume", "ls", "-q").stdout.split()
        assert made_up not in left
        assert "cl-named-volume" in left
    finally:
        docker_cli("rm", "-f", id, check=False)
        docker_cli("volume", "rm", "cl-named-volume", check=False)


def test_removing_from_its_own_page_goes_on_to_the_list(
    ada: Client, container: Callable[..., str]
) -> None:
    base = known(container())
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{base}logs/"}
    response = ada.post(f"{base}remove/", {"force": "on"}, headers=headers)
    assert response["HX-Redirect"] == "/hosts/dock/containers/"


def test_secrets_stay_masked_on_every_page(ada: Client, container: Callable[..., str]) -> None:
    options = (
        "-e",
        "DB_PASSWORD=hunter2hunter2",
        "-e",
        "PLAIN=visible",
        "-l",
        "api_token=hunter2x",
    )
    base = known(container(options=options))
    for page in ("overview/", "command/", "inspect/tree/", "inspect/tree/?view=raw"):
        text = ada.get(base + page).content.decode()
        assert "hunter2" not in text, page
    assert "visible" in ada.get(f"{base}overview/").content.decode()


def test_the_tree_is_searched_on_the_server(ada: Client, container: Callable[..., str]) -> None:
    base = known(container())
    found = ada.get(f"{base}inspect/tree/?q=RestartPolicy", headers=HTMX).content.decode()
    assert ".HostConfig.RestartPolicy" in found
    assert ".State.Pid" not in found
    raw = ada.get(f"{base}inspect/tree/?q=RestartPolicy&view=raw", headers=HTMX).content.decode()
    assert "<mark>RestartPolicy</mark>" in raw


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
    assert result.count("cl-bulk-") == 3
    assert {state(id) for id in ids} == {"exited"}
    assert Entry.objects.filter(event="container.stop", result=Result.OK).count() == 3


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
