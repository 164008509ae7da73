"""Disk use by object: one engine call for all who ask, and each person's own to see."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.commands import Commands
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from tests.volumes.conftest import ALL, Yard, hold

Make = Callable[..., str]
PAGE = "/hosts/dock/disk/objects/"


def test_sizes_are_those_of_the_command_line(
    yard: Yard, volume: Make, docker_cli: DockerCli, busybox: str
) -> None:
    own, hidden = volume(name="own"), volume(name="hidden")
    hold(own, yard.shop)
    write = "dd if=/dev/zero of=/data/x bs=1000 count=3000"
    docker_cli("run", "--rm", "--network", "none", "-v", f"{own}:/data", busybox, "sh", "-c", write)
    page = yard.browser("root").get(f"{PAGE}?measure=1").content.decode()
    assert own in page
    assert hidden in page
    assert "Build cache" in page
    lines = docker_cli(
        "system", "df", "-v", "--format", "{{range .Volumes}}{{.Name}} {{.Size}}\n{{end}}"
    ).stdout
    told = dict(line.split() for line in lines.splitlines() if line.strip())
    measured = engine_of("dock").usage.last
    assert measured is not None
    assert told[own] in ("3MB", "3.004MB", "3.002MB")
    assert abs(measured.volume_sizes[own] - 3_000_000) < 10_000
    whole, part = (yard.browser(name).get("/hosts/dock/disk/").text for name in ("root", "ann"))
    assert "Reclaimable" in whole
    assert "Other teams" not in whole
    assert "Reclaimable" not in part
    assert "Other teams" in part
    assert "1 of 1" in part or "0 of 1" in part  # one volume, whoever else has some
    assert "2.9 MiB" in yard.browser("ann").get("/").text
    # The list has it from then on; who sees a part sees that part.
    assert "2.9 MiB" in yard.browser("ann").get(f"{ALL}?whole=1").content.decode()
    page = yard.browser("ann").get(PAGE).content.decode()
    assert own in page
    assert hidden not in page
    assert "Build cache" not in page
    assert "Other teams" in page


def test_who_asks_at_once_shares_one_call(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, asked = [], Commands.disk_usage

    def slow(self: Commands) -> Any:
        calls.append(1)
        time.sleep(1)
        return asked(self)

    monkeypatch.setattr(Commands, "disk_usage", slow)
    usage, found = engine_of("dock").usage, []
    threads = [threading.Thread(target=lambda: found.append(usage.measure())) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(calls) == 1
    assert len({id(each) for each in found}) == 1
    usage.measure()
    assert len(calls) == 2
