"""The escape payloads by the form, by a copy of what was made outside, and by the API."""

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from access import beyond
from access.errors import Denied, Fenced
from access.models import OwnedContainer
from access.targets import ContainerTarget
from containers import actions, removals
from containers.run_filled import initial_of
from containers.run_form import FLAG_OF
from engine.spec_values import NO_RESTART
from engine.specs import ContainerSpec
from hosts.live import engine_of
from tests.access.payload_yard import ALL, MAKERS, WITHOUT, Yard, left_behind, makers, turns
from tests.access.payload_yard import yard as yard
from tests.access.payloads import PAYLOADS
from tests.access.people import user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from tests.runtime import until

RUN = "/hosts/dock/containers/run/"
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
    assert SHOWN.get(field, f"{FLAG_OF.get(field, field)}:") in page, words
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
    for id, field in ids.items():  # and so it is when it is created again
        gone = removals.find("dock", id)
        assert gone is not None
        assert client.get(f"{RUN}?from={id}").status_code == 200
        sent = texts(replace(gone.original.spec, name="", detach=True), source=id)
        assert client.post(RUN, sent).status_code == 403
        again = program(user("developer")).post(f"hosts/dock/removed-containers/{id}/run")
        assert again.status_code == 403
        assert field in again.content.decode()
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
