"""What the run form tells of networks and volumes: of hidden ones not that they are there."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from containers.run_known import Known, known_checks
from engine.command_line import from_line
from engine.snapshot import Snapshot
from engine.types import Mount
from tests.containers.rows import row

WEB = replace(row(name="web"), mounts=(Mount("volume", "/d", name="data"),))
SIGHT = Snapshot(containers=MappingProxyType({WEB.id: WEB}))
ID = "ab" * 32
KNOWN = Known(("shop", ID), frozenset({"data", "idle", "hidden"}), frozenset({"data", "idle"}))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--network shop", []),
        (f"--network {ID[:12]}", []),
        ("--network host", []),
        ("--network container:web", []),
        ("--network hidden", ["There is no network hidden here that you may see"]),
        ("-v data:/d", ["The volume data is here: web has it, too."]),
        ("-v idle:/d -v /anonymous", ["The volume idle is here, with what is in it."]),
        ("-v new:/d -v new:/e", ["The volume new is new: it is made."]),
        ("-v hidden:/d", []),
        ("-v /srv:/d --tmpfs /t", []),
    ],
)
def test_each_is_told_as_one_sees_it(flags: str, words: list[str]) -> None:
    spec = from_line(f"docker run {flags} x").spec
    told = [check.text for check in known_checks(spec, SIGHT, KNOWN)]
    assert len(told) == len(words)
    assert all(text.startswith(word) for text, word in zip(told, words, strict=True))
    assert list(known_checks(spec, SIGHT, None)) == []
