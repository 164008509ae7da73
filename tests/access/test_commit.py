"""Images made of containers, tried by all who are no administrators: what would smuggle, whose
names may be taken, and containers that reach their host."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from access.errors import Denied, Hidden
from access.models import FencePolicy, Holding, OwnedContainer, Team
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers import actions
from containers.commit_forms import tag_of
from engine.commit_spec import CommitSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.payloads import IMAGES
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

TICKED = "ticked"
WITHOUT = ("viewer", "operator", "developer")
# What is sent as a field, and would be an instruction, a label of ours, or another's if it got on.
SMUGGLED: list[tuple[str, Any, str]] = [
    ("env", {"A": "x\nONBUILD RUN rm -rf /"}, "line break"),
    ("env", {"A": "x\r\nUSER root"}, "line break"),
    ("env", {"A": "x\u2028USER root"}, "line break"),
    ("env", {"A\nUSER": "root"}, "no name"),
    ("env", {"A B": "x"}, "no name"),
    ("env", {"A=B C": "x"}, "no name"),
    ("env", {"": "x"}, "no name"),
    ("labels", {"a": "x\nLABEL wharfinger.helper=x"}, "line break"),
    ("labels", {'a"="b" "wharfinger.helper': "x"}, "no name"),
    ("labels", {"wharfinger.helper": "wharfinger-helper-x"}, "are ours"),
    ("labels", {"WharFinger.team": "bank"}, "are ours"),
    ("labels", {"wharfinger.": ""}, "are ours"),
    ("user", "root\nONBUILD RUN x", "one line"),
    ("user", "root\\", "A name or a number"),
    ("user", "$USER", "A name or a number"),
    ("user", "root USER", "A name or a number"),
    ("workdir", "/\nUSER root", "one line"),
    ("workdir", "../x", "must start with /"),
    ("volumes", ["/x\nUSER root"], "not a folder"),
    ("volumes", ["/"], "not a folder"),
    ("volumes", ["//"], "not a folder"),
    ("volumes", ["bank-data:/x"], "not a folder"),
    ("expose", ["80\nUSER root"], "not a port"),
    ("expose", ["$PORT"], "not a port"),
    ("expose", ["0"], "not a port"),
    ("message", "x\nUSER root", "one line"),
    ("author", "x\nUSER root", "one line"),
    ("command", [], "at least one word"),
    ("entrypoint", [], "at least one word"),
    ("onbuild", ["RUN x"], "onbuild"),
    ("changes", ["ONBUILD RUN x"], "changes"),
    ("Config", {"Cmd": ["x"]}, "Config"),
    ("repo", "x", "repo"),
    ("container", "0" * 64, "container"),
]
REACHES = (
    ("--privileged",),
    ("--cap-add", "SYS_ADMIN"),
    ("-v", "/etc:/x"),
    ("-v", "/var/run/docker.sock:/s"),
    ("--pid", "host"),
    ("--security-opt", "seccomp=unconfined"),
)


@dataclass(frozen=True)
class Yard:
    """The shop's container, and another team's; all of its people."""

    shop: Team
    bank: Team
    own: ContainerTarget
    theirs: ContainerTarget
    image: str
    mark: str


def boxed(docker_cli: DockerCli, mark: str, image: str, by: Team, *options: str) -> ContainerTarget:
    words = ("create", "--network", "none", "-l", mark, *options, image, "true")
    id = docker_cli(*words).stdout.strip()
    OwnedContainer.objects.create(host="dock", container_id=id, team=by, how="created")
    rows = engine_of("dock").mirror
    until(lambda: (row := rows.snapshot.containers.get(id)) and row.dangers is not None, 30)
    return ContainerTarget.of("dock", rows.snapshot.containers[id])


@pytest.fixture
def yard(runtime: Loop, docker_cli: DockerCli, busybox: str) -> Iterator[Yard]:
    mark, shop, bank = f"commit={secrets.token_hex(6)}", team("shop"), team("bank")
    for name in (*WITHOUT, TICKED):
        ticks = ["container.commit"] if name == TICKED else []
        by = shop if name == TICKED else team(f"{name}s")
        by.members.add(user(name))
        grant(by, Role.DEVELOPER if name == TICKED else name, extras=ticks)
    grant(bank, Role.DEVELOPER, extras=["container.commit"])
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind="image", name=image.id)
    own, theirs = (boxed(docker_cli, mark, busybox, by) for by in (shop, bank))
    yield Yard(shop, bank, own, theirs, busybox, mark)
    left = docker_cli("ps", "-aq", "--filter", f"label={mark}").stdout.split()
    docker_cli("rm", "-f", "-v", *left, check=False)
    docker_cli("rmi", "-f", f"{mark.replace('=', '-')}/theirs:1", check=False)


def made(docker_cli: DockerCli, yard: Yard) -> list[str]:
    """Images of the yard's containers: they have their labels."""
    return docker_cli("images", "-aq", "--filter", f"label={yard.mark}").stdout.split()


def nothing_was_asked(docker_cli: DockerCli, yard: Yard) -> None:
    assert made(docker_cli, yard) == []
    assert not Job.objects.exists()
    assert not Entry.objects.filter(event="container.commit", result=Result.INTENT).exists()


def test_nothing_is_smuggled_by_any_field(yard: Yard, docker_cli: DockerCli) -> None:
    at = f"hosts/dock/containers/{yard.own.id}/commit"
    asks = {name: program(user(name)) for name in (*WITHOUT, TICKED)}
    for number, (field, value, words) in enumerate(SMUGGLED):
        answer = asks[TICKED].post(at, {field: value})
        told = json.dumps(answer.json())
        assert answer.status_code == 422, (field, value, told)
        assert (field in told, words in told) == (True, True), (field, value, told)
        name = WITHOUT[number % len(WITHOUT)]
        assert asks[name].post(at, {field: value}).status_code in (403, 404, 422)
        if isinstance(value, str | dict) and field in ("env", "labels", "user", "workdir"):
            refused_by_the_form(yard, field, value)
    nothing_was_asked(docker_cli, yard)


def refused_by_the_form(yard: Yard, field: str, value: Any) -> None:
    """Where a line break ends a value, the next line has to be one, too."""
    text = value if isinstance(value, str) else "\n".join(f"{k}={v}" for k, v in value.items())
    client = Client(headers={"accept": "text/html"})
    client.force_login(user(TICKED))
    at = f"/hosts/dock/containers/{yard.own.id}/commit/"
    for place in (at, f"{at}preview/"):
        answer = client.post(place, {field: text, "user": "a b"} | {field: text})
        assert answer.status_code == (422 if place == at else 200), (field, value)
        assert "checks" in answer.content.decode()


def test_without_the_tick_or_the_container_nobody_gets_anywhere(
    yard: Yard, docker_cli: DockerCli
) -> None:
    for name in WITHOUT:
        own = boxed(docker_cli, yard.mark, yard.image, team(f"{name}s"))
        with pytest.raises(Denied, match="None of your grants"):
            actions.commit(actor(user(name)), own, CommitSpec())
        browser = Client()
        browser.force_login(user(name))
        for rest in ("", "preview/"):
            at = f"/hosts/dock/containers/{own.id}/commit/{rest}"
            assert browser.post(at, {"pause": "on"}).status_code == 403
    for name in (*WITHOUT, TICKED, "nobody"):
        with pytest.raises(Hidden):
            actions.commit(actor(user(name)), yard.theirs, CommitSpec())
    with pytest.raises(Denied, match="team"):
        actions.commit(actor(user(TICKED)), yard.own, CommitSpec(team="bank"))
    nothing_was_asked(docker_cli, yard)


def test_a_name_of_others_is_not_taken(yard: Yard, docker_cli: DockerCli) -> None:
    theirs = f"{yard.mark.replace('=', '-')}/theirs:1"
    docker_cli("build", "-q", "-t", theirs, "-", input=f"FROM {yard.image}\nLABEL of=bank\n")
    row = until(lambda: engine_of("dock").mirror.find_image(theirs), 20)
    Holding.objects.create(host="dock", kind="image", name=row.id, team=yard.bank)
    for name in (theirs, yard.image, f"docker.io/{theirs}"):  # another team's, and a shared one's
        with pytest.raises(Denied, match=r"reference: .* is the name of an image of others"):
            actions.commit(actor(user(TICKED)), yard.own, CommitSpec(tag_of(name)))
    Holding.objects.create(host="dock", kind="image", name=row.id, team=yard.shop)
    with pytest.raises(Denied, match="of others"):  # that both have
        actions.commit(actor(user(TICKED)), yard.own, CommitSpec(theirs))
    FencePolicy.objects.create(host=dock(), registries="docker.io")
    for image in IMAGES:
        with pytest.raises((Denied, ValueError)):
            actions.commit(actor(user(TICKED)), yard.own, CommitSpec(tag_of(image)))
    nothing_was_asked(docker_cli, yard)


def test_what_reaches_its_host_is_no_image_for_anybody(yard: Yard, docker_cli: DockerCli) -> None:
    """Who may not enter it may not take its files along, administrators neither."""
    people = [TICKED, *WITHOUT, "admin", "root"]
    user("root", is_superuser=True)
    grant(team("admins", user("admin")), Role.HOST_ADMIN)
    for options in REACHES:
        target = boxed(docker_cli, yard.mark, yard.image, yard.shop, *options)
        for name in people:
            with pytest.raises(Denied):
                actions.commit(actor(user(name)), target, CommitSpec())
        with pytest.raises(Denied, match="reaches its host"):
            actions.commit(actor(user("root")), target, CommitSpec())
        asked = program(user(TICKED)).post(f"hosts/dock/containers/{target.id}/commit", {})
        assert asked.status_code == 403
    nothing_was_asked(docker_cli, yard)
