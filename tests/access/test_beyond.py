"""Beyond the fence: off by default; then a reason, the password again, an hour, one login."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access import beyond
from access.actions import save_fence
from access.actors import Actor
from access.errors import Denied, Fenced, StepUpNeeded
from access.gate import authorize, may
from access.models import FencePolicy, Holding, Kind, OwnedContainer, Team
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers import actions
from engine.command_line import from_line
from hosts.live import engine_of
from tests.access.people import grant, login, switch, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

INSIDE = ("container.exec", "container.attach", "container.files_read")
ENTERING = (*INSIDE, "container.start", "container.restart")
RUN = "/hosts/dock/containers/run/"
HTMX = {"HX-Request": "true"}
WHY = "the nightly backup needs it"


@pytest.fixture
def shop(runtime: Loop, busybox: str) -> Team:
    made = team("shop", user("bob"), user("ann"))
    grant(made, Role.DEVELOPER, extras=[*INSIDE])
    admins = team("admins", user("kim"))
    grant(admins, Role.HOST_ADMIN)
    user("root", is_superuser=True)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    return made


@pytest.fixture
def risky(shop: Team, container: Callable[..., str], docker_cli: DockerCli) -> ContainerTarget:
    """A container of the team's that shares its host's processes, not started."""
    id = container("sleep", "99", options=("--pid", "host"), start=False)
    row = until(lambda: engine_of("dock").mirror.snapshot.containers.get(id), 20)
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    return ContainerTarget.of("dock", row)


def closed(who: Actor, target: ContainerTarget) -> bool:
    return not any(may(who, right, target) for right in ENTERING)


@pytest.mark.parametrize("name", ["kim", "root"])
def test_nobody_enters_what_reaches_its_host_but_beyond_the_fence(
    name: str, risky: ContainerTarget
) -> None:
    _client, who = login(name)
    with pytest.raises(Denied, match="a superuser switches it on in the settings of dock"):
        authorize(who, "container.exec", risky)
    with pytest.raises(Denied):
        actions.go_beyond(who, risky, WHY)
    switch(True)
    assert closed(who, risky)
    with pytest.raises(Denied, match="may go beyond the fence, with a reason"):
        actions.start(who, risky)
    actions.go_beyond(who, risky, WHY)
    assert all(may(who, right, risky) for right in ENTERING)
    actions.start(who, risky)
    row = Entry.objects.get(event="container.start", result=Result.OK)
    assert row.parameters["beyond_fence"] == WHY
    gone = Entry.objects.get(event=beyond.RIGHT, result=Result.OK)
    assert gone.parameters["beyond_fence"] == WHY
    other_login, owner = login(name)[1], login("bob")[1]
    assert closed(other_login, risky)
    assert closed(replace(who, session=""), risky)
    assert closed(owner, risky)
    switch(False)
    assert closed(who, risky)
    switch(True)
    assert not closed(who, risky)
    actions.come_back(who, risky)
    assert closed(who, risky)


def test_a_refusal_leads_whoever_may_beyond_the_fence(risky: ContainerTarget) -> None:
    base = f"/hosts/dock/containers/{risky.id}/"
    link = f'href="{base}beyond/"'
    client, _who = login("kim")
    refused = client.get(f"{base}files/")
    assert (refused.status_code, link in refused.content.decode()) == (403, False)
    switch(True)
    refused = client.get(f"{base}files/")
    assert (refused.status_code, link in refused.content.decode()) == (403, True)
    toast = json.loads(client.post(f"{base}start/", headers=HTMX)["HX-Trigger"])["toast"]
    assert (toast["url"], toast["action"]) == (f"{base}beyond/", "Go beyond the fence")
    developers = login("bob")[0].get(f"{base}files/")
    assert (developers.status_code, "beyond/" in developers.content.decode()) == (403, False)


def test_a_developer_never_goes_beyond_whoever_owns_it(risky: ContainerTarget) -> None:
    switch(True)
    _client, bob = login("bob")
    with pytest.raises(Denied, match="Go beyond the fence"):
        actions.go_beyond(bob, risky, WHY)
    beyond.passes.give(bob, "dock", risky.id, WHY)
    assert closed(bob, risky)


def test_it_lasts_an_hour_and_is_for_one_container(
    risky: ContainerTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(True)
    _client, root = login("root")
    now = [1000.0]
    monkeypatch.setattr(beyond, "monotonic", lambda: now[0])
    monkeypatch.setattr(beyond.passes, "_passes", {})
    actions.go_beyond(root, risky, WHY)
    assert beyond.passes.reason(root, "dock", risky.id) == WHY
    assert beyond.passes.reason(root, "dock", "f" * 64) == ""
    assert beyond.passes.reason(root, "other", risky.id) == ""
    assert beyond.passes.reason(replace(root, user_id=0), "dock", risky.id) == ""
    now[0] += beyond.PASS_SECONDS - 1
    assert not closed(root, risky)
    now[0] += 2
    assert closed(root, risky)
    beyond.passes.give(root, "dock", "f" * 64, WHY)
    token = replace(root, session="")
    beyond.passes.give(token, "dock", risky.id, WHY)
    assert beyond.passes.reason(token, "dock", risky.id) == "", "a token has no login"
    beyond.passes.take(token, "dock", risky.id)
    assert len(beyond.passes._passes) == 1


def test_what_was_given_ends_with_the_switch_also_when_it_is_on_again(
    risky: ContainerTarget,
) -> None:
    switch(True)
    _client, root = login("root")
    actions.go_beyond(root, risky, WHY)
    assert not closed(root, risky)
    policy = FencePolicy.objects.get(host="dock")
    policy.beyond_fence = False
    save_fence(root, policy)
    switch(True)
    assert closed(root, risky)


def test_without_the_password_again_nothing_is_beyond(risky: ContainerTarget, busybox: str) -> None:
    switch(True)
    _client, root = login("root", proved=False)
    with pytest.raises(StepUpNeeded):
        actions.go_beyond(root, risky, WHY)
    assert closed(root, risky)
    spec = from_line(f"docker run -d --pid host {busybox}").spec
    with pytest.raises(StepUpNeeded):
        actions.run(root, "dock", spec, beyond_fence=WHY)
    assert not Entry.objects.filter(event="container.create", result=Result.INTENT).exists()


@pytest.mark.parametrize("name", ["kim", "root"])
def test_a_run_beyond_the_fence_needs_the_switch_and_a_reason(
    name: str, shop: Team, busybox: str, docker_cli: DockerCli
) -> None:
    client, _who = login(name)
    made = f"beyond-{secrets.token_hex(4)}"
    asked: dict[str, Any] = {"image": busybox, "name": made, "detach": "on", "command": "sleep 9"}
    asked |= {"other": "--pid host --network none", "labels": "wharfinger-test=1"}
    off = client.post(RUN, asked | {"beyond_fence": WHY})
    assert off.status_code == 403
    assert "a superuser switches it on in the settings of dock" in off.content.decode()
    assert 'name="beyond_fence"' not in off.content.decode()
    switch(True)
    page = client.post(RUN, asked)
    assert page.status_code == 403
    assert "say why this has to be beyond the fence" in page.content.decode()
    assert 'name="beyond_fence"' in page.content.decode()
    try:
        assert client.post(RUN, asked | {"beyond_fence": WHY}).status_code == 302
        pid = docker_cli("inspect", "-f", "{{.HostConfig.PidMode}}", made).stdout.strip()
        assert pid == "host"
        row = Entry.objects.get(event="container.create", result=Result.OK)
        assert row.parameters["beyond_fence"] == WHY
    finally:
        docker_cli("rm", "-f", made, check=False)


def test_what_is_inside_asks_for_no_reason_and_no_password(
    shop: Team, busybox: str, docker_cli: DockerCli
) -> None:
    switch(True)
    _client, root = login("root", proved=False)
    spec = from_line(f"docker run -d --network none {busybox} sleep 9").spec
    id = actions.run(root, "dock", spec, beyond_fence=WHY)
    try:
        assert (
            "beyond_fence"
            not in Entry.objects.get(event="container.create", result="ok").parameters
        )
        option = docker_cli("inspect", "-f", "{{.HostConfig.SecurityOpt}}", id).stdout.strip()
        assert option == "[no-new-privileges]"
    finally:
        docker_cli("rm", "-f", id, check=False)
    _client, bob = login("bob")
    with pytest.raises(Fenced):
        actions.run(bob, "dock", from_line(f"docker run --pid host {busybox}").spec, "", WHY)


def test_the_page_asks_and_the_head_says_so(risky: ContainerTarget) -> None:
    client, root = login("root")
    base = f"/hosts/dock/containers/{risky.id}/"
    assert client.get(f"{base}beyond/").status_code == 403
    switch(True)
    assert "Go beyond the fence" in client.get(base).content.decode()
    assert "PidMode host" in client.get(f"{base}beyond/").content.decode()
    assert client.post(f"{base}beyond/", {"reason": "x"}).status_code == 422
    assert client.post(f"{base}beyond/", {"reason": WHY}).status_code == 302
    assert beyond.passes.reason(root, "dock", risky.id) == WHY
    assert "Back within the fence" in client.get(base).content.decode()
    assert client.post(f"{base}beyond/back/").status_code == 302
    assert closed(root, risky)
    assert login("bob")[0].get(f"{base}beyond/").status_code == 403
