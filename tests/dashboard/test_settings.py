"""Every setting is documented, and a bad value stops the start with a sentence."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import environment

ROOT = Path(__file__).parents[2]
CLEAN = {**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
READER = re.compile(
    r"env\.(?:text|flag|number|choice|names|web_address|directory|engine_address|slug|database|host_paths|networks|header|link|origins|secret)\(\s*\"([A-Z_]+)\""
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
    assert documented == read_names() | {"OIDC_CLIENT_SECRET_FILE"}


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
        ("EMBED_CROSS_SITE", "1", "EMBED_CROSS_SITE needs a PUBLIC_URL with https, too"),
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


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (environment.networks, "10.0.0.0/33", "'10.0.0.0/33' is no address and no network"),
        (environment.networks, "10.0.0.1/8", "'10.0.0.1/8' is no address and no network"),
        (environment.networks, "0.0.0.0/0", "would trust everybody"),
        (environment.networks, "::/0", "would trust everybody"),
        (environment.header, "Remote User", "is no name of a header"),
        (environment.link, "http://id.example.org", "use an address with https://"),
        (environment.link, "https://ada:pass@id.example.org", "use an address with https://"),
        (environment.secret, "/nowhere/secret", "No such file"),
        (environment.origins, "*", "use an address with https://"),
        (environment.origins, "https://*.example.org", "there is no wildcard"),
        (environment.origins, "https://portal.example.org/", "without a path"),
        (environment.origins, "https://portal.example.org;script-src *", "without a path"),
        (environment.origins, "https://a.example.org 'self'", "without a path"),
        (environment.origins, "http://portal.example.org", "use an address with https://"),
        (lambda name: environment.together(name, "OTHER", False), "x", "needs OTHER, too"),
    ],
)
def test_what_opens_a_door_is_read_strictly(
    read: Callable[[str], object], value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN_FILE" if read is environment.secret else "GIVEN", value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(words)):
        read("GIVEN")


def test_good_origins_and_networks_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "https://portal.example.org,https://ops.example.org:8443")
    assert environment.origins("GIVEN") == [
        "https://portal.example.org",
        "https://ops.example.org:8443",
    ]
    monkeypatch.setenv("GIVEN", "127.0.0.1, 10.0.0.0/8 ,fd00::/8")
    assert [str(n) for n in environment.networks("GIVEN")] == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "fd00::/8",
    ]
