"""Every payload by every way in, for everybody: refused by its field, and nothing is left behind.

Most knock at the action's own door, which every way goes through; some go by each way as a whole.
"""

import dataclasses
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access import beyond
from access.actors import Actor
from access.errors import Denied, Fenced
from access.models import FencePolicy, Holding, Kind, OwnedContainer, Team
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers import actions
from containers.run_form import initial_of
from engine.command_line import from_line
from engine.spec_values import NO_RESTART
from engine.specs import ContainerSpec
from hosts.live import engine_of
from images.allowed import check_registry
from images.models import Registry
from jobs.models import Job
from tests.access.payloads import IMAGES, NEW_VOLUME, PAYLOADS
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

RUN = "/hosts/dock/containers/run/"
WITHOUT = ("viewer", "operator")  # they run nothing at all
MAKERS = ("developer", "host-admin", "superuser")
TICKS = ["container.exec", "container.files_read", "container.files_write"]
# What an engine without GPUs, plugins and the like still makes a container of.
MADE_OUTSIDE = [
    ("--privileged", "privileged"),
    ("--cap-add SYS_ADMIN", "cap_add"),
    ("--pid host", "pid_mode"),
    ("--ipc host", "ipc_mode"),
    ("-v /:/host", "mounts"),
    ("-v /var/run/docker.sock:/var/run/docker.sock", "mounts"),
    ("--network host", "networks"),
    ("--security-opt seccomp=unconfined", "security_options"),
    ("-p 80:80", "ports"),
]
# What the form calls those of its own fields; the others stand together, by their names.
SHOWN = {
    "ports": "Ports",
    "mounts": "Volumes",
    "networks": "Network",
    "labels": "Labels",
    "health_interval": "Every",
}
# Of no danger to the host by themselves: such a one is started and entered.
HARMLESS = ("ports",)


@dataclass(frozen=True)
class Yard:
    """The team's people, an image that they may use, and a mark of all that is tried."""

    people: dict[str, Actor]
    image: str
    mark: str
    shop: Team

    def spec(self, words: str, image: str = "") -> ContainerSpec:
        return from_line(f"docker run -d -l {self.mark} {words} {image or self.image}").spec


@pytest.fixture
def yard(
    runtime: Loop, docker_cli: DockerCli, busybox: str, settings: LazySettings
) -> Iterator[Yard]:
    settings.BIND_ALLOW = {"/srv/allowed": False}
    mark = f"payload={secrets.token_hex(6)}"
    people, shop = {}, team("shop")
    for name in (*WITHOUT, "developer", "host-admin"):
        own = team(name, user(name))
        grant(own, name, extras=TICKS if name == Role.DEVELOPER else [])
        people[name] = actor(user(name))
    people["superuser"] = actor(user("superuser", is_superuser=True))
    shop.members.add(user("developer"))
    Holding.objects.create(host="dock", kind=Kind.NETWORK, name="commons")
    grant(shop, Role.DEVELOPER)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    docker_cli("volume", "create", "bank-data", "--label", mark)
    odd = ("--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc")
    docker_cli("volume", "create", "odd-data", "--label", mark, *odd)
    yield Yard(people, busybox, mark, shop)
    left = docker_cli("ps", "-aq", "--filter", f"label={mark}").stdout.split()
    if left:
        docker_cli("rm", "-f", "-v", *left, check=False)
    docker_cli("volume", "rm", "-f", "bank-data", "odd-data", NEW_VOLUME, check=False)


def left_behind(docker_cli: DockerCli, yard: Yard) -> list[str]:
    """What the engine itself has of all that was tried; networks nobody can name by a run."""
    containers = docker_cli("ps", "-aq", "--filter", f"label={yard.mark}").stdout.split()
    volumes = docker_cli("volume", "ls", "-q").stdout.split()
    networks = docker_cli("network", "ls", "--format", "{{.Name}}").stdout.split()
    wrong = {NEW_VOLUME, "payload"} & {*volumes, *networks}
    return [*containers, *wrong]


def makers(words: str) -> tuple[str, ...]:
    """Whose it is not: a volume of another team and a name on a network are an administrator's
    to use."""
    return ("developer",) if "bank-data" in words or "commons" in words else MAKERS


def run(who: Actor, spec: ContainerSpec) -> object:
    return actions.run(who, "dock", spec)


def pull_and_run(who: Actor, spec: ContainerSpec) -> object:
    return actions.pull_and_run(who, "dock", replace(spec, pull="always"))


def turns(
    way: Callable[..., object], number: int, names: tuple[str, ...], all_of_it: bool = False
) -> set[str]:
    """Everything is tried by the developer, and by an administrator in turn; by the longer ways,
    which ask the same fence, by one of all."""
    if all_of_it:
        return set(names)
    if way is run:
        return {"developer", names[-1 - number % 2] if len(names) > 1 else names[0]}
    return {names[number % len(names)]}


ALL = pytest.param(1, marks=pytest.mark.long)  # each payload, by each person


@pytest.mark.parametrize("every", [0, ALL])
@pytest.mark.parametrize("way", [run, pull_and_run])
def test_no_payload_passes_the_door_for_anybody(
    way: Callable[[Actor, ContainerSpec], object], every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    """Superusers and host admins neither: the host's switch is off."""
    tried = 0
    for number, (words, field) in enumerate(PAYLOADS):
        spec = yard.spec(words)
        for name in turns(way, number, makers(words), every == 1):
            with pytest.raises(Fenced) as refused:
                way(yard.people[name], spec)
            assert field in dict(refused.value.breaches), (words, name)
            assert refused.value.remedies or field == "labels"
            tried += 1
    for name in WITHOUT:  # before anything is looked at, so one says as much as all
        with pytest.raises(Denied):
            way(yard.people[name], yard.spec(PAYLOADS[0][0]))
    denied = Entry.objects.filter(event="container.create", result=Result.DENIED)
    assert denied.count() == tried + len(WITHOUT)
    assert not Entry.objects.filter(event="container.create", result=Result.INTENT).exists()
    assert left_behind(docker_cli, yard) == []
    assert not Job.objects.exists()


@pytest.mark.parametrize("listed", ["", "docker.io"])
def test_no_image_of_another_registry_is_run_or_pulled(
    listed: str, yard: Yard, docker_cli: DockerCli
) -> None:
    """Where one is listed, for superusers too; else they may set up any registry anyway."""
    FencePolicy.objects.create(host=dock(), registries=listed)
    who = ("developer", "host-admin", *(["superuser"] if listed else []))
    for image in IMAGES:
        for name in who:
            with pytest.raises(Fenced) as refused:
                check_registry(yard.people[name], "dock", image)
            assert refused.value.breaches[0][0] == "image"
            spec = replace(yard.spec("", "x"), image=image)
            for way in (run, pull_and_run):
                with pytest.raises((Fenced, Denied)):
                    way(yard.people[name], spec)
    for image in ("busybox", "docker.io/x/y", "index.docker.io/x", "Registry-1.docker.io/x/y"):
        check_registry(yard.people["developer"], "dock", image)
    Registry.objects.create(address="ghcr.io")
    if not listed:
        check_registry(yard.people["developer"], "dock", "GHCR.io/acme/app:1")
    else:
        with pytest.raises(Fenced, match=r"ghcr\.io is not a registry for this host: docker\.io"):
            check_registry(yard.people["superuser"], "dock", "ghcr.io/acme/app:1")
    assert left_behind(docker_cli, yard) == []


def browser(name: str) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user(name))
    return made


def texts(spec: ContainerSpec, **more: str) -> dict[str, str]:
    said = {key: value for key, value in initial_of(spec).items() if value}
    return {key: "on" if value is True else str(value) for key, value in said.items()} | more


@pytest.mark.parametrize("every", [19, ALL])
def test_the_form_and_a_pasted_line_refuse_beside_the_field(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    clients = {name: browser(name) for name in MAKERS}
    for number, (words, field) in enumerate(PAYLOADS[::every]):
        for name in turns(browser, number, makers(words), every == 1):
            refused_by_form(clients[name], yard, words, field)
    assert left_behind(docker_cli, yard) == []


def refused_by_form(client: Client, yard: Yard, words: str, field: str) -> None:
    line = f"docker run -d -l {yard.mark} {words} {yard.image}"
    filled = client.post(f"{RUN}line/", {"line": line})
    assert filled.status_code == 200, words
    preview = client.post(f"{RUN}preview/", texts(yard.spec(words))).content.decode()
    sent = client.post(RUN, texts(yard.spec(words)))
    page = sent.content.decode()
    assert sent.status_code in (403, 422), words
    assert SHOWN.get(field, f"{field}:") in page, words
    assert 'class="bad"' in preview, words


def test_what_the_form_does_not_have_is_not_heard(yard: Yard, docker_cli: DockerCli) -> None:
    """Fields of the engine's own body, doubled ones and such that only look alike."""
    asked = texts(yard.spec("--network none")) | {
        "privileged": "on",
        "Privileged": "true",
        "HostConfig": '{"Privileged": true, "Binds": ["/:/host"]}',
        "\uff50rivileged": "on",
        "cap_add": "ALL",
        "beyond_fence": "because",
    }
    sent = browser("developer").post(RUN, asked)
    assert sent.status_code == 302, sent.content.decode()[:500]
    (made,) = docker_cli("ps", "-aq", "--filter", f"label={yard.mark}").stdout.split()
    form = "{{.HostConfig.Privileged}} {{.HostConfig.Binds}} {{.HostConfig.CapAdd}}"
    assert docker_cli("inspect", "-f", form, made).stdout.split() == ["false", "[]", "[]"]
    docker_cli("rm", "-f", made)
    twice = browser("developer").post(RUN, asked | {"other": ["--init", "--privileged"]})
    assert twice.status_code == 403
    assert left_behind(docker_cli, yard) == []


def test_a_copy_of_what_was_made_outside_is_judged_as_new(
    yard: Yard, docker_cli: DockerCli
) -> None:
    """And it is entered and started by nobody, whoever's it is; its owner may remove it."""
    ids = {}
    for words, field in MADE_OUTSIDE:
        line = (*words.split(), "-l", yard.mark, yard.image, "sleep", "9")
        ids[docker_cli("create", *line).stdout.strip()] = field
    snapshot = engine_of("dock").mirror
    until(lambda: ids.keys() <= snapshot.snapshot.containers.keys(), 30)
    for id in ids:
        OwnedContainer.objects.create(host="dock", container_id=id, team=yard.shop, how="created")
    client, root = browser("developer"), yard.people["superuser"]
    for id, field in ids.items():
        copy = client.get(f"{RUN}?from={id}")
        assert copy.status_code == 200
        spec = replace(from_inspect(id), name="", detach=True)
        for name in MAKERS:
            with pytest.raises(Fenced) as refused:
                actions.run(yard.people[name], "dock", spec)
            assert field in dict(refused.value.breaches)
        assert client.post(RUN, texts(spec, source=id)).status_code == 403
        target = ContainerTarget.of("dock", snapshot.snapshot.containers[id])
        if field not in HARMLESS:
            for who in (root, yard.people["developer"], yard.people["host-admin"]):
                with pytest.raises(Denied, match="reaches its host"):
                    actions.start(who, target)
            assert client.get(f"/hosts/dock/containers/{id}/files/").status_code == 403
    assert not beyond.passes.reason(root, "dock", next(iter(ids)))
    assert len(left_behind(docker_cli, yard)) == len(ids)
    for id in ids:
        actions.remove(
            yard.people["developer"],
            ContainerTarget.of("dock", snapshot.snapshot.containers[id]),
        )
    assert left_behind(docker_cli, yard) == []


def as_json(value: Any) -> Any:
    """A spec as the API takes it: pairs are objects, what says nothing is left out."""
    if dataclasses.is_dataclass(value):
        said = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
        return {name: as_json(one) for name, one in said if one not in ((), "", None, False, 0)}
    if isinstance(value, tuple):
        pairs = value and all(isinstance(one, tuple) for one in value)
        return dict(value) if pairs else [as_json(one) for one in value]
    return value


@pytest.mark.parametrize("every", [6, ALL])
def test_the_api_refuses_by_the_field_and_knows_no_other(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    program_of = {name: program(user(name)) for name in MAKERS}
    for number, (words, field) in enumerate(PAYLOADS[::every]):
        body = as_json(replace(yard.spec(words), detach=False, restart=NO_RESTART))
        body.pop("restart", None)
        for name in turns(program, number, makers(words), every == 1):
            answer = program_of[name].post("hosts/dock/containers", body)
            assert answer.status_code in (403, 422), (words, answer.content)
            assert field in answer.content.decode(), (words, answer.content)
    for key in ("Privileged", "HostConfig", "privileged ", "\uff50rivileged", "Binds"):
        answer = program_of["developer"].post(
            "hosts/dock/containers", {"image": yard.image, key: True}
        )
        assert answer.status_code == 422, key
    for name in WITHOUT:
        asked = program(user(name)).post("hosts/dock/containers", {"image": yard.image})
        assert asked.status_code in (403, 404)
    assert left_behind(docker_cli, yard) == []


def from_inspect(id: str) -> ContainerSpec:
    commands = engine_of("dock").commands
    inspect = commands.inspect_container(id)
    return ContainerSpec.from_inspect(inspect, commands.inspect_image(inspect["Image"]))
