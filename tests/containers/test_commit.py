"""A container made into an image: what the command line makes of the equal line, and whose."""

import json
import shlex
from collections.abc import Callable
from typing import Any

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.models import Holding, User
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from engine.commit_spec import CommitSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.people import grant, team
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.containers.commit_cast import box as box
from tests.containers.commit_cast import commit, config, shop_of
from tests.containers.commit_cast import mark as mark
from tests.containers.commit_cast import root as root
from tests.images.people import ended
from tests.runtime import Loop

WHOLE = CommitSpec(
    message='it\'s "done" $HOME',
    author="Ada <ada@example.org>",
    command=("serve", "--all", "two\nlines"),
    entrypoint=("/bin/sh", "-c"),
    env=(("MODE", 'a "b" $c \\d #e'), ("API_KEY", "hunter2-hunter2")),
    expose=("80/tcp", "53/udp"),
    labels=(("org.example/of", "a = 'b'\t$c\\"),),
    user="1000:1000",
    workdir='/srv/a "b" $c',
    volumes=("/data", "/a b$c'd\""),
)


def test_it_is_what_the_command_line_makes_of_the_line(
    box: Callable[..., ContainerTarget], root: User, docker_cli: DockerCli, mark: str
) -> None:
    target = box("echo x >/made", "-e", "DB_PASSWORD=hunter2", "-p", "80")
    spec = CommitSpec(**{**as_fields(WHOLE), "reference": f"{mark}/ours:1"})
    job = commit(root, target, spec)
    assert (job.state, job.error, job.result["tags"]) == ("done", "", [f"{mark}/ours:1"])
    line = shlex.split(spec.line(target.name).replace("/ours:1", "/theirs:1"))
    docker_cli(*line[1:])
    ours, theirs = config(docker_cli, f"{mark}/ours:1"), config(docker_cli, f"{mark}/theirs:1")
    assert ours == theirs
    said = ours["Config"]
    assert (said["Cmd"], said["Entrypoint"]) == (list(spec.command or ()), ["/bin/sh", "-c"])
    assert {*spec.env, ("DB_PASSWORD", "hunter2")} <= {
        tuple(pair.split("=", 1)) for pair in said["Env"]
    }
    assert {"53/udp", "80/tcp"} <= said["ExposedPorts"].keys()
    assert said["Labels"]["org.example/of"] == spec.labels[0][1]
    assert (said["User"], said["WorkingDir"]) == (spec.user, spec.workdir)
    assert said["Volumes"].keys() == {*spec.volumes}
    run = ("run", "--rm", "--network", "none", "--entrypoint", "cat", f"{mark}/ours:1", "/made")
    assert docker_cli(*run).stdout == "x\n"
    rows = Entry.objects.filter(event="container.commit").order_by("seq")
    assert [row.result for row in rows] == [Result.INTENT, Result.OK]
    assert rows[1].parameters["image"] == job.result["image_id"]
    assert "hunter2" not in json.dumps([job.params, job.command_line, rows[0].parameters])
    assert "API_KEY" in rows[0].command_line
    assert "hunter2" not in rows[0].command_line


def as_fields(spec: CommitSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in CommitSpec.__dataclass_fields__}


def plain(value: str) -> str:
    return value.replace("\t", "")


VALUES = st.text(st.sampled_from("ab$\\\"'`#{}()[]= \t<>;&|é!~%"), max_size=12)

FIXTURE = HealthCheck.function_scoped_fixture


@settings(max_examples=6, suppress_health_check=[FIXTURE])
@given(st.lists(VALUES, min_size=4, max_size=8), st.lists(VALUES, min_size=1, max_size=4))
def test_a_value_stays_a_value(
    box: Callable[..., ContainerTarget],
    docker_cli: DockerCli,
    runtime: Loop,
    values: list[str],
    words: list[str],
) -> None:
    spec = CommitSpec(
        env=tuple((f"V{number}", value) for number, value in enumerate(values)),
        labels=tuple((f"v{number}", value) for number, value in enumerate(values)),
        volumes=tuple(f"/v{number}/{plain(value)}x" for number, value in enumerate(values)),
        workdir=f"/w{plain(values[0])}x",
        command=tuple(words),
    )
    assert spec.problems() == []
    ids = docker_cli("ps", "-aq", "--filter", "name=commit-values", "--no-trunc").stdout.split()
    id = ids[0] if ids else box("true", "--name", "commit-values").id
    made = runtime.run(engine_of("dock").streams.commit(id, spec.query()))
    said = config(docker_cli, made)["Config"]
    docker_cli("rmi", made)
    assert {f"{name}={value}" for name, value in spec.env} <= {*said["Env"]}
    assert dict(spec.labels).items() <= said["Labels"].items()
    assert {*spec.volumes} == {*(said["Volumes"] or ())}
    assert (said["WorkingDir"], said["Cmd"]) == (spec.workdir, words)


def test_running_it_is_paused_unless_one_says_no(
    box: Callable[..., ContainerTarget], root: User, docker_cli: DockerCli
) -> None:
    target = box()
    for pause in (False, True):
        since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
        job = commit(root, target, CommitSpec(pause=pause))
        now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
        seen = docker_cli(
            *("events", "--since", since, "--until", now, "--format", "{{.Action}}"),
            *("--filter", f"container={target.id}"),
        ).stdout.split()
        assert ("pause" in seen, "commit" in seen) == (pause, True)
        docker_cli("rmi", job.result["image_id"])


def test_the_image_is_the_containers_teams(
    box: Callable[..., ContainerTarget], docker_cli: DockerCli, mark: str
) -> None:
    target = box()
    shop, someone = shop_of(target, "container.commit")
    other = team("another", someone)
    grant(other, Role.DEVELOPER, extras=["container.commit"])
    first = commit(someone, target, CommitSpec(f"{mark}/a:1"))
    assert Holding.objects.get(kind="image", name=first.result["image_id"]).team == shop
    second = commit(someone, target, CommitSpec(f"{mark}/a:1", team="another"))
    assert Holding.objects.get(kind="image", name=second.result["image_id"]).team == other
    assert f"Before, {first.result['image_id'][:12]} was called" in str(second.progress)
    assert (
        docker_cli("inspect", "-f", "{{.Id}}", f"{mark}/a:1")
        .stdout.strip()
        .endswith(second.result["image_id"])
    )
    docker_cli("rmi", first.result["image_id"])


def test_the_form_says_what_goes_along_and_each_field_what_is_wrong(
    box: Callable[..., ContainerTarget], root: User, client: Client, docker_cli: DockerCli
) -> None:
    target = box("true", "-e", "DB_PASSWORD=hunter2", "-e", "MODE=x")
    client.force_login(root)
    base = f"/hosts/dock/containers/{target.id}/commit/"
    page = client.get(base).content.decode()
    assert "secrets too: DB_PASSWORD." in page
    assert "hunter2" not in page
    assert f"docker commit {target.name}</code>" in page
    wrong = {
        "reference": "Not A Name",
        "env": "1X=2",
        "labels": "Wharfinger.owner=x",
        "expose": "99999",
        "user": "a b",
        "workdir": "srv",
        "volumes": "/",
        "command": "'open",
        "message": "two\nlines",
    }
    answer = client.post(base, wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)
    shown = client.post(f"{base}preview/", {"env": "API_KEY=hunter2", "entrypoint": "a 'b c'"})
    text = shown.content.decode()
    assert "--pause=false" in text
    assert "ENTRYPOINT [&quot;a&quot;, &quot;b c&quot;]" in text
    assert "hunter2" not in text
    sent = client.post(base, {"pause": "on", "message": "by the form"})
    assert sent.status_code == 302
    job = ended(Job.objects.get(kind="container.commit"))
    docker_cli("rmi", job.result["image_id"])


def test_by_the_api_too(
    box: Callable[..., ContainerTarget], root: User, docker_cli: DockerCli, mark: str
) -> None:
    target = box()
    base, asks = f"hosts/dock/containers/{target.id}/commit", program(root)
    body = {"reference": f"{mark}/api", "env": {"A": "b c"}, "command": ["x"], "expose": ["80"]}
    answer = asks.post(base, body)
    assert answer.status_code == 202
    job = ended(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert job.result["tags"] == [f"{mark}/api:latest"]
    assert "A=b c" in config(docker_cli, f"{mark}/api:latest")["Config"]["Env"]
    for field, value in (
        ("command", []),
        ("labels", {"wharfinger.helper": "x"}),
        ("env", {"A": "b\nUSER root"}),
        ("reference", "a@sha256:" + "0" * 64),
        ("onbuild", ["RUN x"]),
        ("changes", ["ONBUILD RUN x"]),
    ):
        told = is_problem(asks.post(base, {field: value}), 422)
        assert field in json.dumps(told), field
