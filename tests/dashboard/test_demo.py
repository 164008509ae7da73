"""The demo on a real engine: everything it promises is there, and goes again."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dashboard.demo import cast
from tests.conftest import DockerCli
from tests.test_cast import fetch


@pytest.fixture
def demo(engine_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where it is looked every second, not every five, whether one is well."""
    cast_of = tuple(
        replace(each, health_interval=each.health_interval and cast.SECOND)
        for each in cast.CONTAINERS
    )
    monkeypatch.setattr(cast, "CONTAINERS", cast_of)
    settings.DOCKER_HOST = engine_url
    call_command("demo", verbosity=0)
    yield
    call_command("demo", "--remove")


def inspect(docker_cli: DockerCli, name: str) -> Any:
    return json.loads(docker_cli("inspect", name).stdout)[0]


def test_the_demo_shows_what_it_promises(
    demo: None, docker_cli: DockerCli, capsys: pytest.CaptureFixture[str]
) -> None:
    address = docker_cli("port", "demo-web", "80/tcp").stdout.strip()
    assert b"It works" in fetch(f"http://{address}/")
    assert inspect(docker_cli, "demo-failed")["State"]["ExitCode"] == 3
    assert docker_cli("exec", "demo-shellless", "sh", check=False).returncode
    said = eventually(lambda: docker_cli("logs", "demo-chatter"), "order 5")
    assert "warning: order 5" in said.stderr
    state = eventually(lambda: docker_cli("ps", "-f", "name=demo-unhealthy"), "unhealthy)")
    assert "demo-unhealthy" in state.stdout
    call_command("demo")
    assert capsys.readouterr().out.endswith("Made: nothing\n")


def test_removing_it_leaves_nothing(
    engine_url: str, settings: Any, docker_cli: DockerCli, container: Any
) -> None:
    settings.DOCKER_HOST = engine_url
    stranger = container()
    call_command("demo")
    call_command("demo", "--remove")
    label = "label=org.wharfinger.demo"
    assert docker_cli("ps", "-aq", "--filter", label).stdout == ""
    assert docker_cli("images", "-q", "wharfinger-demo/*").stdout == ""
    assert inspect(docker_cli, stranger)["State"]["Running"]


def test_without_an_engine_it_says_so(settings: Any) -> None:
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    with pytest.raises(CommandError, match="nowhere"):
        call_command("demo")


def eventually(ask: Any, wanted: str) -> Any:
    for _ in range(150):
        answer = ask()
        if wanted in answer.stdout + answer.stderr:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{wanted!r} never came")
