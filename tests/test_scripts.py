"""What the scripts do before anything is installed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from script import bootstrap
from tests.engine import PREFIX, sweep

ROOT = Path(__file__).resolve().parent.parent


def test_an_engine_is_found_or_not(engine_url: str) -> None:
    assert bootstrap.engine_answers(engine_url)
    assert not bootstrap.engine_answers("unix:///nowhere/docker.sock")
    assert not bootstrap.engine_answers("tcp://127.0.0.1:1")


def test_missing_programs_are_named_by_package() -> None:
    programs = {"sh": "dash", "no-such-program": "some-package", "nor-this": "some-package"}
    assert bootstrap.missing(programs) == ["some-package"]


def test_without_root_the_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo apt-get install chromium"):
        bootstrap.install("chromium")


def test_pins_that_changed_are_installed_again() -> None:
    digests = {bootstrap.digest_of_pins(n) for n in ("requirements.txt", "requirements-dev.txt")}
    assert len(digests) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="a private engine needs root")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_private_engine_leaves_nothing(number: signal.Signals) -> None:
    command = [sys.executable, ROOT / "script" / "engine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        said = engine.stdout.readline()
        address = said.removeprefix("export DOCKER_HOST=").strip()
        home = Path(address.removeprefix("unix://")).parent
        bridge = (home / "bridge").read_text()
        assert home.name.startswith(PREFIX)
        assert bootstrap.engine_answers(address)
        engine.send_signal(number)
        try:
            engine.wait(60)
        finally:
            engine.kill()
    assert eventually_swept(home)
    assert not Path("/sys/class/net", bridge).exists()
    assert str(home) not in Path("/proc/mounts").read_text()


def eventually_swept(home: Path) -> bool:
    """What a killed owner leaves, the next one takes away once the engine has ended."""
    for _ in range(100):
        sweep()
        if not home.exists():
            return True
        time.sleep(0.2)
    return False
