"""What a person of a team meets: others' containers and images are not there, theirs are theirs.

Every route for every role: tests/access/test_matrix.py.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.models import OwnedContainer, Team
from access.roles import Role
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.rows import rows
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

HTML = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def boxes(runtime: Loop, container: Callable[..., str]) -> dict[str, str]:
    """Three containers that never ran: whose → id."""
    made = {}
    for whose in ("own", "theirs", "nobodys"):
        id = made[whose] = container("true", options=("--name", f"ac-{whose}"), start=False)
        until(lambda id=id: id in engine_of("dock").mirror.snapshot.containers)
        until(
            lambda id=id: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30
        )
    return made


@pytest.fixture
def shop(boxes: dict[str, str]) -> Team:
    own, other = team("shop"), team("bank")
    for whose, by in (("own", own), ("theirs", other)):
        OwnedContainer.objects.create(
            host="dock", container_id=boxes[whose], team=by, how="created"
        )
    grant(other, Role.DEVELOPER)
    return own


def browser_of(shop: Team, role: Role, **fields: Any) -> Client:
    person = user(f"{role}-person")
    shop.members.add(person)
    grant(shop, role, **fields)
    browser = Client(**HTML)
    browser.force_login(person)
    return browser


def test_anothers_container_is_not_there_and_a_denial_is_recorded(
    shop: Team, boxes: dict[str, str], docker_cli: DockerCli
) -> None:
    browser = browser_of(shop, Role.DEVELOPER)
    base = f"/hosts/dock/containers/{boxes['theirs']}"
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    for verb in ("start", "restart", "kill", "remove", "rename"):
        assert browser.post(f"{base}/{verb}/", {"name": "ac-x", "force": "on"}).status_code == 404
    bulk = {"id": [boxes["theirs"], boxes["nobodys"]], "confirmed": "1", "force": "on"}
    assert browser.post("/hosts/dock/containers/bulk/remove/", bulk).status_code == 404
    until_now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    scope = ("--filter", f"container={boxes['theirs']}")
    events = docker_cli("events", "--since", since, "--until", until_now, *scope).stdout
    assert events == ""
    denied = Entry.objects.filter(result=Result.DENIED, object_id=boxes["theirs"])
    assert {entry.event for entry in denied} >= {"container.start", "container.remove"}
    assert not Entry.objects.filter(result=Result.INTENT).exists()
    id = boxes["theirs"]
    for spelt in ("ac-theirs", id[:12], id.upper(), f"%2f{id}"):
        for page in ("", "logs/", "inspect/"):
            assert browser.get(f"/hosts/dock/containers/{spelt}/{page}").status_code == 404
        assert browser.post(f"/hosts/dock/containers/{spelt}/start/").status_code == 404


def test_no_number_tells_what_the_list_hides(
    shop: Team, boxes: dict[str, str], shellless: str
) -> None:
    browser = browser_of(shop, Role.DEVELOPER)
    ids = browser.get("/hosts/dock/containers/?format=ids").content.decode().split()
    assert ids == [boxes["own"]]
    for address in ("/", "/hosts/dock/", "/hosts/dock/containers/", "/hosts/dock/images/"):
        page = browser.get(address).content.decode()
        assert "ac-theirs" not in page, address
        assert "ac-nobodys" not in page, address
        assert 'id="count-box">1<' in page, address
    rail = browser.get("/hosts/dock/rail/").content.decode()
    assert 'hx-swap-oob="true">1<' in rail
    assert "0 of 1" in browser.get("/").content.decode()
    filtered = browser.get("/hosts/dock/containers/?q=ac-theirs").content.decode()
    assert boxes["theirs"] not in filtered
    disk = browser.get("/hosts/dock/disk/").content.decode()
    assert re.findall(r'<td class="num">(\d+ of \d+)<', disk) == ["1 of 1", "0 of 1", "0 of 0"]
    for word in ("Build cache", "Reclaimable", "are left"):
        assert word not in disk, word
    an_image_that_only_others_use_is_not_there(browser, boxes, shellless)


def an_image_that_only_others_use_is_not_there(
    browser: Client, boxes: dict[str, str], shellless: str
) -> None:
    snapshot = engine_of("dock").mirror.snapshot
    hidden = snapshot.find_image(shellless)
    mine = snapshot.containers[boxes["own"]].image_id
    assert hidden is not None
    assert browser.get(f"/hosts/dock/images/{mine}/").status_code == 200
    assert browser.get(f"/hosts/dock/images/{hidden.id}/").status_code == 404
    assert browser.post(f"/hosts/dock/images/{hidden.id}/remove/").status_code == 404
    assert browser.post(f"/hosts/dock/images/{mine}/remove/").status_code == 403  # used, not held
    ids = browser.get("/hosts/dock/images/?format=ids").content.decode().split()
    assert ids == [mine]


def the_record_shows_ones_own(browser: Client, boxes: dict[str, str]) -> None:
    root = Client()
    root.force_login(user("root", is_superuser=True))
    root.post(f"/hosts/dock/containers/{boxes['theirs']}/start/")
    browser.post(f"/hosts/dock/containers/{boxes['own']}/start/")
    page = browser.get("/audit/").content.decode()
    assert "ac-own" in page
    assert "ac-theirs" not in page
    assert "ac-theirs" in root.get("/audit/").content.decode()
    assert "ac-theirs" not in browser.get("/").content.decode()


def test_what_a_developer_runs_belongs_to_the_team(
    shop: Team, boxes: dict[str, str], docker_cli: DockerCli, busybox: str
) -> None:
    browser = browser_of(shop, Role.DEVELOPER)
    the_record_shows_ones_own(browser, boxes)
    form = {"image": busybox, "command": "true", "name": "ac-made", "pull": "never", "detach": "on"}
    try:
        made = browser.post("/hosts/dock/containers/run/", form)
        assert made.status_code == 302, made.content.decode()
        for name, extra in (("ac-host", {"network": "host"}), ("ac-root", {"mounts": "/etc:/x"})):
            refused = browser.post("/hosts/dock/containers/run/", form | {"name": name} | extra)
            assert refused.status_code == 403, refused.content.decode()
            assert engine_of("dock").mirror.find_container(name) is None
        row = until(lambda: engine_of("dock").mirror.find_container("ac-made"))
        owner = OwnedContainer.objects.get(host="dock", container_id=row.id)
        assert (owner.team, owner.how) == (shop, "created")
        assert browser.get(f"/hosts/dock/containers/{row.id}/").status_code == 200
        gone = browser.post(f"/hosts/dock/containers/{row.id}/remove/", {"force": "on"})
        assert gone.status_code == 302
        assert not OwnedContainer.objects.filter(container_id=row.id).exists()
    finally:
        docker_cli("rm", "-f", "ac-made", "ac-host", "ac-root", check=False)


def test_a_thousand_rows_take_as_many_queries_as_ten(
    shop: Team, boxes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(shop, Role.OPERATOR, selector="name", value="c0*")
    engine = engine_of("dock")
    counts = {}
    for many in (10, 1000):
        held = {one.id: one for one in rows(many)}
        snapshot = replace(engine.mirror.snapshot, containers=held)
        monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=snapshot))
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/hosts/dock/containers/")
        assert f'id="count-box">{many}<' in page.content.decode()
        counts[many] = len(queries)
    assert counts[1000] <= counts[10] + 5  # the book may have been read again meanwhile
    assert counts[1000] < 20
