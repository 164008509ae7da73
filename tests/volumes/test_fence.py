"""The escape payloads of a volume: refused by their field for all but who goes beyond the fence."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import override

from access.models import FencePolicy
from access.volume_fence import breaches
from engine.volume_plan import VolumePlan
from tests.access.people import dock, grant
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from tests.volumes.conftest import ALL, Yard, hold

Make = Callable[..., str]
BIND = "type=none\no=bind\ndevice=/etc"
PAYLOADS: list[tuple[dict[str, str], str]] = [
    ({"options": BIND}, "options"),
    ({"options": "type=none\no=bind\ndevice=/"}, "options"),
    ({"options": "type=none\no=bind\ndevice=/var/run/docker.sock"}, "options"),
    ({"options": "TYPE=none\nO=bind\nDevice=/etc"}, "options"),
    ({"options": "device=/dev/sda1"}, "options"),
    ({"options": "type=nfs\no=addr=10.0.0.1,rw\ndevice=:/srv"}, "options"),
    ({"options": "type=cifs\no=username=a,password=b\ndevice=//h/s"}, "options"),
    ({"options": "type=tmpfs\ndevice=tmpfs\no=size=100g"}, "options"),
    ({"options": "o=bind,rw"}, "options"),
    ({"options": "size=10G"}, "options"),
    ({"options": "type=overlay\ndevice=overlay\no=lowerdir=/"}, "options"),
    ({"driver": "sshfs"}, "driver"),
    ({"driver": "Local"}, "driver"),
    ({"driver": "local-persist", "options": "mountpoint=/etc"}, "driver"),
    ({"driver": "vieux/sshfs:latest"}, "driver"),
    ({"labels": "wharfinger.reader=1"}, "labels"),
    ({"labels": "Wharfinger.x=1"}, "labels"),
]


def in_json(payload: dict[str, str]) -> dict[str, Any]:
    def pairs(text: str) -> dict[str, str]:
        return dict(line.split("=", 1) for line in text.splitlines())

    return {key: text if key == "driver" else pairs(text) for key, text in payload.items()}


@pytest.mark.parametrize(("payload", "field"), PAYLOADS)
def test_each_stands_outside_by_its_field(payload: dict[str, str], field: str) -> None:
    sent = in_json(payload)
    pairs = {key: tuple(sent.get(key, {}).items()) for key in ("labels", "options")}
    plan = VolumePlan("x-data", sent.get("driver", "local"), **pairs)
    with override("en"):
        assert field in {breach.field for breach in breaches(plan)}


def test_nothing_of_it_is_made_by_any_way_in(
    yard: Yard, volume: Make, docker_cli: DockerCli
) -> None:
    name = f"{volume.mark}-payload"  # type: ignore[attr-defined]
    ann, asks = yard.browser("ann"), program(yard.people["ann"])
    for payload, field in PAYLOADS:
        # The form of someone who may not go there has no such fields: what is sent counts not.
        ann.post(f"{ALL}_create/", {"name": name, **payload})
        told = asks.post("hosts/dock/volumes", {"name": name, **in_json(payload)})
        assert told.status_code == 403, payload
        assert field in told.content.decode()
    made = docker_cli("volume", "inspect", name, "-f", "{{.Driver}} {{.Options}}", check=False)
    assert made.stdout.strip() in ("", "local map[]")


def test_unknown_fields_are_refused_by_name(yard: Yard) -> None:
    asks = program(yard.people["ann"])
    for field in ("DriverOpts", "ClusterVolumeSpec", "Options", "opts", "NAME"):
        told = asks.post("hosts/dock/volumes", {"name": "x-data", field: {"device": "/etc"}})
        assert told.status_code == 422
        assert field in told.content.decode()


def test_beyond_the_fence_asks_for_a_reason(
    yard: Yard, volume: Make, docker_cli: DockerCli
) -> None:
    name = f"{volume.mark}-beyond"  # type: ignore[attr-defined]
    root = yard.browser("root")
    root.post(f"{ALL}_create/", {"name": name, "options": BIND, "driver": "local"})
    assert docker_cli("volume", "inspect", name, "-f", "{{.Options}}", check=False).stdout in (
        "",
        "\n",
        "map[]\n",
        "<no value>\n",
    )
    docker_cli("volume", "rm", "-f", name, check=False)
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": True})
    told = root.post(f"{ALL}_create/", {"name": name, "options": BIND, "driver": "local"})
    assert told.status_code == 422
    assert "say why" in told.content.decode()
    assert docker_cli("volume", "inspect", name, check=False).returncode


def test_files_of_such_a_volume_are_beyond_the_fence(yard: Yard, volume: Make) -> None:
    name = volume("--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc")
    hold(name)
    grant(yard.shop, "host-admin")
    for who in ("reader", "ann", "root"):
        for page in ("files/?whole=1", "files/view/?path=/hostname", "files/download/?path=/"):
            assert yard.browser(who).get(f"{ALL}{name}/{page}").status_code == 403, (who, page)
