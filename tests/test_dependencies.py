"""Every package we ask for has its reason written down, and every reason its package."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_each_package_is_pinned_and_explained() -> None:
    lines = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith(("#", "-r"))
    ]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    asked_for = {line.split("==")[0] for line in lines}
    page = (ROOT / "docs" / "dependencies.md").read_text().split("## From the system")[0]
    explained = set(re.findall(r"^\| ([\w.-]+) \| \w", page, re.MULTILINE)) - {"package"}
    assert asked_for == explained
