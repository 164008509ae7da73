"""A container that was removed is created again: with its settings, by who might have copied it."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Grant, OwnedContainer
from access.sealing import unseal
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers import removals
from containers.models import RemovedContainer
from containers.views.removed import PAGE
from tests.access.people import grant, team, user
from tests.api.client import program
from tests.conftest import LABEL, DockerCli
from tests.containers import rows
from tests.containers.view_cast import HTMX, known
from tests.containers.view_cast import ada as ada
from tests.runtime import Loop

LIST = "/hosts/dock/containers/"
NAME = "cl-again"
SECRET = "hunter2-again"


def removed(browser: Client, id: str) -> dict[str, str]:
    """Removed as from the list; the toast that says so."""
    known(id)
    done = browser.post(f"{LIST}{id}/remove/", {"force": "on"}, headers=HTMX)
    assert done.status_code == 204, done.content
    toast: dict[str, str] = json.loads(done["HX-Trigger"])["toast"]
    return toast


def test_it_is_created_again_with_its_settings_and_its_secrets(
    ada: Client, container: Callable[..., str], docker_cli: DockerCli, busybox: str
) -> None:
    options = ("--name", NAME, "-e", f"DB_PASSWORD={SECRET}", "-e", "MODE=fast", "--memory", "64m")
    id = container("sleep", "600", options=(*options, "--restart", "always"))
    toast = removed(ada, id)
    assert toast["url"] == f"{LIST}run/?from={id}"
    assert toast["action"] == "Create again…"
    assert SECRET not in RemovedContainer.objects.get(container_id=id).sealed
    assert NAME in ada.get(f"{LIST}removed/").content.decode()
    page = ada.get(toast["url"])
    form = page.content.decode()
    assert f'value="{NAME}"' in form
    assert "before it was removed" in form
    assert SECRET not in form
    sent = {"image": busybox, "name": NAME, "detach": "on", "labels": LABEL, "source": id}
    sent |= {"env": page.context["form"].initial["env"], "command": "sleep 600", "network": "none"}
    made = ada.post(f"{LIST}run/", sent)
    assert made.status_code == 302, made.content
    found = json.loads(docker_cli("inspect", NAME).stdout)[0]
    docker_cli("rm", "--force", NAME)
    assert {f"DB_PASSWORD={SECRET}", "MODE=fast"} <= set(found["Config"]["Env"])
    asked = program(user("ada"))
    (kept,) = asked.get("hosts/dock/removed-containers").json()["items"]
    assert (kept["id"], kept["name"]) == (id, NAME)
    again = asked.post(f"hosts/dock/removed-containers/{id}/run", {"name": f"{NAME}-2"})
    assert again.status_code == 201, again.content
    found = json.loads(docker_cli("inspect", again.json()["id"]).stdout)[0]
    docker_cli("rm", "--force", f"{NAME}-2")
    assert f"DB_PASSWORD={SECRET}" in found["Config"]["Env"]
    assert found["HostConfig"]["Memory"] == 64 * 2**20
    assert found["HostConfig"]["RestartPolicy"]["Name"] == "always"


def test_only_who_might_have_copied_it_hears_of_it(
    runtime: Loop, container: Callable[..., str]
) -> None:
    id = container(options=("--name", NAME))
    known(id)
    people = {}
    for name, slug, role, reach in (
        ("ann", "shop", "developer", "owned"),
        ("vic", "lookers", "viewer", "all"),
        ("bob", "bank", "developer", "owned"),
    ):
        grant(team(slug, user(name)), role, selector=reach)
        people[name] = Client(headers={"accept": "text/html"})
        people[name].force_login(user(name))
    OwnedContainer.objects.create(host="dock", container_id=id, team=team("shop"), how="created")
    assert removed(people["ann"], id)["url"]
    assert not OwnedContainer.objects.filter(container_id=id).exists()
    form, listed = f"{LIST}run/?from={id}", f"{LIST}removed/"
    assert people["ann"].get(form).status_code == 200
    assert NAME in people["ann"].get(listed).content.decode()
    assert people["vic"].get(form).status_code == 403
    assert people["vic"].get(listed).status_code == 403
    assert people["bob"].get(form).status_code == 404
    assert NAME not in people["bob"].get(listed).content.decode()
    assert program(user("bob")).get("hosts/dock/removed-containers").json()["items"] == []
    run = f"hosts/dock/removed-containers/{id}/run"
    assert program(user("bob")).post(run, {"name": "x-again"}).status_code == 404
    Grant.objects.filter(team__slug="shop").delete()
    assert people["ann"].get(form).status_code == 404


def test_after_a_week_it_is_forgotten_and_what_no_key_opens_is_not_there(
    ada: Client, container: Callable[..., str]
) -> None:
    old, torn = container(), container()
    for id in (old, torn):
        removed(ada, id)
        assert removals.find("dock", id) is not None
    week = timezone.now() - timedelta(days=removals.DAYS, minutes=1)
    RemovedContainer.objects.filter(container_id=old).update(removed=week)
    RemovedContainer.objects.filter(container_id=torn).update(sealed="torn")
    for id in (old, torn):
        assert ada.get(f"{LIST}run/?from={id}").status_code == 404
    assert ada.get(f"{LIST}removed/").status_code == 200
    removals.forget_old()
    assert not RemovedContainer.objects.filter(container_id=old).exists()


def gone(name: str, of: str, labels: Mapping[str, str] | None = None) -> str:
    """One that was removed, without an engine; its id."""
    row = rows.row(id=secrets.token_hex(32), name=name, labels=labels or {})
    sealed = removals.closed({"Id": row.id, "Config": {"Image": row.image}}, None, {})
    OwnedContainer.objects.create(host="dock", container_id=row.id, team=team(of), how="created")
    removals.keep(ContainerTarget.of("dock", row), sealed)
    return row.id


def test_it_is_forgotten_before_its_week_is_over_by_who_might_have_made_it_again(
    runtime: Loop,
) -> None:
    grant(team("shop", user("ann")), "developer", selector="owned")
    grant(team("labels", user("lou")), "developer", selector="label", value="tier=front")
    first, second, theirs = gone("cl-1", "shop"), gone("cl-2", "shop"), gone("cl-3", "bank")
    front = gone("cl-4", "bank", {"tier": "front"})
    ann, lou = (Client(headers={"accept": "text/html"}) for _ in range(2))
    ann.force_login(user("ann"))
    lou.force_login(user("lou"))
    page = ann.get(f"{LIST}removed/").content.decode()
    assert first in page
    assert theirs not in page
    page = lou.get(f"{LIST}removed/").content.decode()
    assert front in page
    assert first not in page
    assert "Forget cl-1 now?" in ann.get(f"{LIST}removed/{first}/forget/").content.decode()
    assert ann.post(f"{LIST}removed/{theirs}/forget/").status_code == 404
    assert ann.post(f"{LIST}removed/{first}/forget/", headers=HTMX).status_code == 204
    assert ann.get(f"{LIST}run/?from={first}").status_code == 404
    (noted,) = Entry.objects.filter(event="container.forget", result=Result.OK)
    assert (noted.object_id, noted.object_name, noted.user) == (first, "cl-1", "ann")
    asked = ann.get(f"{LIST}removed/forget/").content.decode()
    assert "Forget 1 removed container now?" in asked
    assert "cl-2" in asked
    newest = re.search(r'name="newest" value="(\d+)"', asked)
    assert newest is not None
    later = gone("cl-5", "shop")  # after the question: it was not named there
    assert ann.post(f"{LIST}removed/forget/", {"newest": newest[1]}).status_code == 302
    left = RemovedContainer.objects.values_list("container_id", flat=True)
    assert set(left) == {theirs, front, later}
    assert second not in left
    noted = Entry.objects.filter(event="container.forget", result=Result.OK).latest("seq")
    assert (noted.object_kind, noted.parameters) == ("host", {"containers": ["cl-2"]})
    api, kept = program(user("ann")), "hosts/dock/removed-containers"
    assert api.ask("DELETE", f"{kept}/{front}").status_code == 404
    assert api.ask("DELETE", kept).json() == {"forgotten": 1}
    assert api.ask("DELETE", kept).json() == {"forgotten": 0}
    assert program(user("lou")).ask("DELETE", f"{kept}/{front}").status_code == 204


def test_who_removes_many_pushes_out_nobody_elses(
    runtime: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "MOST", 2)
    theirs, *many = gone("cl-theirs", "bank"), *(gone(f"cl-{n}", "shop") for n in range(4))
    kept = set(RemovedContainer.objects.values_list("container_id", flat=True))
    assert kept == {theirs, *many[2:]}


def test_a_page_opens_no_settings(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(PAGE + 1):
        gone(f"cl-{number}", "shop")
    opened: list[str] = []

    def noted(sealed: str) -> str:
        opened.append(sealed)
        return unseal(sealed)

    monkeypatch.setattr(removals, "unseal", noted)
    page = ada.get(f"{LIST}removed/").content.decode()
    assert page.count("data-row") == len(opened) == PAGE
    assert not set(opened) & set(RemovedContainer.objects.values_list("sealed", flat=True))
    assert "?page=2" in page
    last = ada.get(f"{LIST}removed/?page=2").content.decode()
    assert (last.count("data-row"), "cl-0<" in last, "?page=1" in last) == (1, True, True)
