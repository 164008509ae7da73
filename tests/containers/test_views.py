"""Every view of containers, walked by the cast: works, wrong method, nobody, no right, no id."""

import json
from collections.abc import Callable

from django.test import Client

from audit.models import Entry, Result
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.containers.view_cast import HTMX, known, state
from tests.containers.view_cast import ada as ada
from tests.containers.view_cast import mallory as mallory
from tests.runtime import until

PAGES = ("", "head/", "overview/", "menu/", "command/", "inspect/", "inspect/tree/")
ASKED = ("stop/", "restart/", "kill/", "rename/", "remove/")
AT_ONCE = ("start/", "pause/", "unpause/")


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
    assert told["toast"]["command_line"] == "docker stop --time=0 cl-told"
    undo = (told["toast"]["action"], told["toast"]["url"], told["toast"]["fields"])
    assert undo == ("Undo", f"{base}start/", [])
    intent, result = Entry.objects.filter(object_id=id).order_by("seq")
    assert (intent.result, result.result) == (Result.INTENT, Result.OK)
    assert (result.event, result.user) == ("container.stop", "ada")
    assert result.command_line == "docker stop --time=0 cl-told"
    page = ada.get(f"{base}overview/").content.decode()
    assert "container.stop" in page
    assert "ada did this" in page
    assert ada.post(f"{base}start/").status_code == 302
    assert "<code>docker start cl-told</code>" in ada.get(base).content.decode()


def test_an_undo_leads_back_to_what_was(ada: Client, container: Callable[..., str]) -> None:
    base = known(id := container(options=("--name", "cl-undone")))
    paused = ada.post(f"{base}pause/", headers=HTMX)
    toast = json.loads(paused["HX-Trigger"])["toast"]
    assert ada.post(toast["url"], headers=HTMX).status_code == 204
    until(lambda: state(id) == "running", 20)
    renamed = ada.post(f"{base}rename/", {"name": "cl-undone-2"}, headers=HTMX)
    toast = json.loads(renamed["HX-Trigger"])["toast"]
    assert ada.post(toast["url"], dict(toast["fields"]), headers=HTMX).status_code == 204
    assert engine_of("dock").mirror.snapshot.containers[id].name == "cl-undone"
    known(brief := container(options=("--rm",)))
    until(lambda: engine_of("dock").mirror.snapshot.containers[brief].inspected, 20)
    stopped = ada.post(f"/hosts/dock/containers/{brief}/stop/", {"timeout": "0"}, headers=HTMX)
    assert "fields" not in json.loads(stopped["HX-Trigger"])["toast"]


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
        for words in (made_up[:12], "removed if ticked", "cl-named-volume", "stays", "killed"):
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
