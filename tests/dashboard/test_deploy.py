"""The documented production settings pass Django's own deployment check, and do what they say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "deploying.md"
ASK = """
import json
from django.conf import settings
names = ("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE",
  "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS", "ALLOWED_HOSTS", "DEBUG")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def documented() -> dict[str, str]:
    """The block of settings under "Settings for production"."""
    text = PAGE.read_text().split("## Settings for production")[1]
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block
    lines = [line for line in block[1].splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def run(tmp_path: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, **documented(), "DATA_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_documented_settings_are_the_safe_ones(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", ASK)
    assert json.loads(done.stdout) == {
        "SESSION_COOKIE_NAME": "__Host-wharfinger",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "CSRF_TRUSTED_ORIGINS": ["https://docker.example.org"],
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", "docker.example.org"],
        "DEBUG": False,
    }
