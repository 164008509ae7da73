"""Images and registries of teams: who pulled has it, names are not taken, logins are not shared."""

import pytest
from django.test import Client

from access.models import Holding, Team
from access.roles import Role
from audit.models import Entry, Result
from hosts.live import engine_of
from images.models import Registry
from jobs.models import Job
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.images.people import ended, job_at
from tests.registry import Registry as Running
from tests.runtime import Loop
from tests.runtime import runtime as runtime


@pytest.fixture
def shop(runtime: Loop) -> Team:
    made = team("shop", user("bob"), user("ann"))
    team("bank", user("joe"))
    for crew in (made, team("bank")):
        grant(crew, Role.DEVELOPER)
    return made


def browser(name: str) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user(name))
    return made


def ids(name: str) -> list[str]:
    return browser(name).get("/hosts/dock/images/?format=ids").content.decode().split()


def test_a_pull_is_the_teams_and_nobody_elses(
    shop: Team, registry: Running, docker_cli: DockerCli, busybox: str
) -> None:
    reference = f"{registry.address}/acme/app:1"
    docker_cli("build", "-q", "-t", reference, "-", input=f"FROM {busybox}\nLABEL only=shop\n")
    docker_cli("push", "-q", reference)
    docker_cli("rmi", reference)
    asked = {"reference": reference}
    refused = browser("bob").post("/hosts/dock/images/pull/", asked)
    assert refused.status_code == 403
    assert f"{registry.address} is not a registry for this host" in refused.content.decode()
    Registry.objects.create(address=registry.address)
    pulled = browser("bob").post("/hosts/dock/images/pull/", asked)
    job = ended(job_at(pulled.url))
    assert job.state == "done", job.error
    try:
        image = job.result["image_id"]
        assert Holding.objects.get(kind="image", name=image).team == shop
        assert image in ids("ann")
        assert image not in ids("joe")
        assert browser("joe").get(f"/hosts/dock/images/{image}/").status_code == 404
        assert browser("joe").get(f"/jobs/{job.id}/").status_code == 404
        assert browser("ann").get(f"/jobs/{job.id}/").status_code == 200
        names_are_not_taken(image, busybox)
        Holding.objects.create(host="dock", kind="image", name=image, team=team("bank"))
        gone = browser("bob").post(f"/hosts/dock/images/{image}/remove/", {"force": "on"})
        assert gone.status_code == 403
        assert image in ids("joe")
    finally:
        docker_cli("rmi", "-f", reference, check=False)


def names_are_not_taken(image: str, foreign: str) -> None:
    """A tag of others stays theirs, and a push goes below the team's prefix only."""
    tag = {"reference": foreign, "move": "on"}
    base = f"/hosts/dock/images/{image}"
    assert browser("bob").post(f"{base}/tag/", tag).status_code == 403
    there = engine_of("dock").mirror.find_image(foreign)
    assert there is not None
    assert there.id != image
    push = {"target": "registry.example.org/elsewhere/app:1"}
    refused = browser("bob").post(f"{base}/push/", push)
    assert refused.status_code == 403
    assert not Job.objects.filter(kind="image.push").exists()
    denied = Entry.objects.filter(result=Result.DENIED).values_list("event", flat=True)
    assert {"image.tag", "image.push"} <= set(denied)


def test_a_login_is_used_by_its_teams_only(shop: Team) -> None:
    root = Client()
    root.force_login(user("root", is_superuser=True))
    form = {"address": "reg.example.org", "username": "u", "password": "p", "teams": [shop.pk]}
    assert root.post("/registries/add/", form).status_code == 302
    made = Registry.objects.get()
    assert "reg.example.org" in browser("bob").get("/registries/").content.decode()
    assert "reg.example.org" not in browser("joe").get("/registries/").content.decode()
    assert browser("bob").get(f"/registries/{made.pk}/").status_code == 403
    assert browser("joe").get(f"/registries/{made.pk}/").status_code == 404
    asked = {"reference": "reg.example.org/app:1"}
    assert browser("joe").post("/hosts/dock/images/pull/", asked).status_code == 404
    run = {"image": "reg.example.org/app:1", "name": "ac-x"}
    assert browser("joe").post("/hosts/dock/containers/run/", run).status_code == 404
    assert not Job.objects.exists()
    old = {"kind": "image.pull", "host": "dock", "state": "failed", "params": asked}
    bob = user("bob")
    job = Job.objects.create(user_id=str(bob.pk), user="bob", intent_seq=0, title="x", **old)
    root.post(f"/registries/{made.pk}/", form | {"teams": []})
    assert browser("bob").post(f"/jobs/{job.id}/retry/").status_code == 404
    assert Job.objects.count() == 1
    root.post(f"/registries/{made.pk}/", form | {"teams": [], "shared": "on"})
    assert "reg.example.org" in browser("joe").get("/registries/").content.decode()
    root.post(f"/registries/{made.pk}/remove/")
    assert not Holding.objects.filter(kind="registry").exists()
