"""Every setting is documented, and a bad value stops the start with a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLEAN = {**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
READER = re.compile(
    r"env\.(?:text|flag|number|choice|names|web_address|directory|engine_address|slug|database|host_paths)\(\s*\"([A-Z_]+)\""
    r"|\btext\(\"([A-Z_]+)\""
)


def read_names() -> set[str]:
    source = "".join(
        (ROOT / "dashboard" / name).read_text() for name in ("settings.py", "environment.py")
    )
    return {a or b for a, b in READER.findall(source)}


def test_every_setting_is_documented_and_no_other() -> None:
    table = (ROOT / "docs/settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    assert len(read_names()) > 15
    assert documented == read_names()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PORT='eighty' is not a whole number"),
        ("PORT", "70000", "PORT=70000 is out of range"),
        ("PUBLIC_URL", "docker.example.org", "give scheme, host and port only"),
        ("PUBLIC_URL", "https://example.org/docker", "give scheme, host and port only"),
        ("BIND_ALLOW", "/srv/../etc", "use /an/absolute/path"),
        ("BIND_ALLOW", "/etc/ssl", "has the host"),
        ("BIND_ALLOW", "/", "has the host"),
        ("LOG_LEVEL", "loud", "use one of DEBUG, INFO, WARNING, ERROR"),
        ("DEBUG", "perhaps", "use 1 or 0"),
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE=/nowhere/key: No such file"),
        ("DATA_DIR", "/proc/nowhere", "DATA_DIR=/proc/nowhere"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("DOCKER_HOST", "ftp://example.org", "DOCKER_HOST"),
        ("HOST_SLUG", "All Hosts", "HOST_SLUG"),
    ],
)
def test_a_bad_value_stops_the_start_with_a_sentence(
    name: str, value: str, words: str, tmp_path: Path
) -> None:
    environment = {**CLEAN, "DATA_DIR": str(tmp_path), name: value}
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    environment = {**CLEAN, "DATA_DIR": str(tmp_path)}
    environment.pop("SECRET_KEY", None)
    code = "from dashboard.settings import SECRET_KEY; print(SECRET_KEY)"
    keys = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    }
    assert len(keys) == 1
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
