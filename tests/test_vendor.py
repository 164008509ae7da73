"""Vendored files are the ones that their README names, byte for byte, and no others stand there."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| `([^`]+)` \| .* \| `([0-9a-f]{64})` \|$", re.MULTILINE)
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "vendor"]


def listed(folder: Path) -> dict[str, str]:
    return dict(ROW.findall((folder / "README.md").read_text()))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_file_is_as_its_readme_says(folder: Path) -> None:
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert there == listed(folder)
    assert there
