"""Fifty writers at once, and a server that is killed while they write."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runtime import until


def command(data_dir: Path, verb: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "DATA_DIR": str(data_dir), "LOG_LEVEL": "WARNING"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.audit.writers", verb],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def rows_in(data_dir: Path) -> int:
    file = sqlite3.connect(next(data_dir.glob("*.sqlite3")))
    try:
        return int(file.execute("SELECT count(*) FROM audit_entry").fetchone()[0])
    finally:
        file.close()


def write_and_kill(data_dir: Path, seconds: float) -> str:
    """What the writers complained of until they had written and were killed, -9."""
    with command(data_dir, "write") as writers:
        assert writers.stdout is not None
        assert writers.stdout.readline() == "writing\n"
        before = rows_in(data_dir)
        time.sleep(seconds)
        until(lambda: rows_in(data_dir) > before + 10, 30)
        writers.kill()
        return writers.stdout.read()


def checked(data_dir: Path) -> tuple[int, int]:
    """Rows of the whole chain, and how many changes have no result of their own."""
    with command(data_dir, "check") as checking:
        assert checking.stdout is not None
        rows, broken, word, unknown = checking.stdout.read().split()
    assert checking.returncode == 0
    assert (broken, word) == ("None", "ok")
    return int(rows), int(unknown)


@pytest.mark.parametrize(
    ("kills", "seconds"),
    [
        (2, 0.3),
        pytest.param(50, 0.5, marks=pytest.mark.long),
        pytest.param(1, 60, marks=pytest.mark.long),
    ],
)
def test_writers_wait_their_turn_and_a_kill_loses_no_row(
    tmp_path: Path, kills: int, seconds: float
) -> None:
    for _ in range(kills):
        assert write_and_kill(tmp_path, seconds) == ""
    rows, unknown = checked(tmp_path)
    print(f"{rows} rows in {kills} x {seconds} s; {unknown} changes cut off by a kill")
    assert rows > kills * 10
    assert unknown <= kills * 50
