"""What a spec holds, leaves out and refuses. Pure."""

import dataclasses
import json

import pytest

from engine.spec_values import MountFlag, MountKind
from engine.specs import (
    ContainerSpec,
    MountSpec,
    NetworkSpec,
    PublishedPort,
    RestartPolicy,
    unread_fields,
)


def test_what_the_image_says_is_dropped_and_the_rest_is_not() -> None:
    image = {
        "Config": {
            "Env": ["PATH=/bin", "LANG=C"],
            "Cmd": ["serve"],
            "Entrypoint": ["/start"],
            "Labels": {"maker": "us", "kind": "web"},
            "ExposedPorts": {"80/tcp": {}},
            "Volumes": {"/data": {}},
            "WorkingDir": "/srv",
            "Healthcheck": {"Test": ["CMD", "true"]},
        }
    }
    config = json.loads(json.dumps(image["Config"])) | {
        "Image": "web",
        "Env": ["PATH=/bin", "LANG=de", "NEW=1", "BARE"],
        "Labels": {"maker": "us", "kind": "shop"},
        "User": "app",
    }
    inspect = {"Id": "f" * 64, "Name": "/web", "Config": config, "HostConfig": {"CpuCount": 2}}
    spec = ContainerSpec.from_inspect(inspect, image)
    assert spec == ContainerSpec(
        "web",
        name="web",
        detach=True,
        env=(("LANG", "de"), ("NEW", "1")),
        labels=(("kind", "shop"),),
        user="app",
    )
    assert unread_fields(inspect) == ("HostConfig.CpuCount", "Config.Env BARE")


def test_a_body_holds_nothing_that_no_field_says() -> None:
    body = ContainerSpec("x").to_body()
    assert body == {
        "Image": "x",
        "HostConfig": {
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
            "NetworkMode": "default",
        },
    }


BIND = MountSpec(MountKind.BIND, "/in", "/on")


@pytest.mark.parametrize(
    ("field", "spec"),
    [
        ("image", ContainerSpec("")),
        ("image", ContainerSpec("a b")),
        ("name", ContainerSpec("x", name="a")),
        ("name", ContainerSpec("x", name="a/b")),
        ("workdir", ContainerSpec("x", workdir="srv")),
        ("env", ContainerSpec("x", env=(("", "1"),))),
        ("labels", ContainerSpec("x", labels=(("", "1"),))),
        ("ports", ContainerSpec("x", ports=(PublishedPort(0),))),
        ("ports", ContainerSpec("x", ports=(PublishedPort(80, "http"),))),
        ("ports", ContainerSpec("x", ports=(PublishedPort(80, host_port="9-8"),))),
        ("ports", ContainerSpec("x", ports=(PublishedPort(80, host_ip="here"),))),
        ("ports", ContainerSpec("x", ports=(PublishedPort(1, host_port="8"),) * 2)),
        ("ports", ContainerSpec("x", ports=(PublishedPort(1),), networks=(NetworkSpec("none"),))),
        ("mounts", ContainerSpec("x", mounts=(dataclasses.replace(BIND, target="in"),))),
        ("mounts", ContainerSpec("x", mounts=(dataclasses.replace(BIND, target="/"),))),
        ("mounts", ContainerSpec("x", mounts=(dataclasses.replace(BIND, source="./on"),))),
        ("mounts", ContainerSpec("x", mounts=(BIND, BIND))),
        ("mounts", ContainerSpec("x", mounts=(MountSpec(MountKind.VOLUME, "/a", "a b"),))),
        ("mounts", ContainerSpec("x", mounts=(MountSpec(MountKind.VOLUME, "/a", "", True),))),
        ("networks", ContainerSpec("x", networks=(NetworkSpec("n", ip="10.0.0"),))),
        ("memory", ContainerSpec("x", memory=1 << 20)),
        ("memory_swap", ContainerSpec("x", memory_swap=1 << 30)),
        ("memory_swap", ContainerSpec("x", memory=1 << 30, memory_swap=1 << 20)),
        ("memory_reservation", ContainerSpec("x", memory=1 << 29, memory_reservation=1 << 30)),
        ("nano_cpus", ContainerSpec("x", nano_cpus=10**9, cpu_quota=5)),
        ("health_test", ContainerSpec("x", health_test=("NONE",), health_retries=2)),
        ("health_interval", ContainerSpec("x", health_interval=5)),
        ("restart", ContainerSpec("x", restart=RestartPolicy("never"))),
        ("restart", ContainerSpec("x", restart=RestartPolicy("always", 3))),
        ("auto_remove", ContainerSpec("x", auto_remove=True, restart=RestartPolicy("always"))),
        ("stop_signal", ContainerSpec("x", stop_signal="to term")),
    ],
)
def test_a_problem_names_its_field(field: str, spec: ContainerSpec) -> None:
    problems = spec.problems()
    assert [problem.field for problem in problems] == [field]
    assert str(problems[0].sentence).endswith(".")


def test_a_mount_in_long_form_may_be_read_only_without_a_name() -> None:
    mount = MountSpec(MountKind.VOLUME, "/a", "", True, flag=MountFlag.MOUNT)
    assert ContainerSpec("x", mounts=(mount,)).problems() == []
