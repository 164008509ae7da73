"""A container that was removed is created again: with its settings, by who might have copied it."""

import json
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from access.models import Grant, OwnedContainer
from containers import removals
from containers.models import RemovedContainer
from tests.access.people import grant, team, user
from tests.api.client import program
from tests.conftest import LABEL, DockerCli
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
