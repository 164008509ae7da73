"""The writer of recordings by itself: characters cut anywhere, a disk that fails in the middle."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from audit.cast import Lines, header
from audit.tape import Tape, Trouble

HEAD = header(80, 24, 0, "title", "sh")
TEXT = "a é 漢 🐳 \x1b[1mz\u2028"


def told(troubles: list[Trouble]) -> Any:
    return lambda _tape, trouble: troubles.append(trouble)


def shown(lines: bytes) -> str:
    return "".join(json.loads(line)[2] for line in lines.splitlines() if line)


def test_a_character_cut_anywhere_stands_whole() -> None:
    data = TEXT.encode()
    for cut in range(len(data) + 1):
        lines = Lines()
        made = lines.output(0.1, data[:cut]) + lines.output(0.2, data[cut:])
        made += lines.output(0.3, b"", last=True)
        assert shown(made) == TEXT
    torn = Lines()
    made = torn.output(0.1, b"x\xff\xe6\xbc") + torn.output(0.2, b"", last=True)
    assert shown(made) == "x\ufffd\ufffd"


@pytest.mark.asyncio
async def test_what_fails_in_the_middle_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[Trouble] = []
    tape = Tape(tmp_path / "x.cast", 2**20, told(troubles))
    tape.start(HEAD)
    tape.take(b"kept")
    tape.write()
    real = os.write

    def full(file: int, data: Any) -> int:
        real(file, bytes(data)[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    tape.take(b"lost")
    tape.write()
    tape.settle()
    monkeypatch.undo()
    tape.take(b"after it")
    sealed = tape.close()
    tape.settle()
    assert troubles == [Trouble.FAILED]
    assert tape.waiting == 0
    written = (tmp_path / "x.cast").read_bytes()
    assert written.startswith(HEAD)
    assert shown(written.removeprefix(HEAD)) == "kept"
    assert sealed.size == len(written)


def test_one_that_cannot_begin_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    tape = Tape(tmp_path / "x.cast", 2**20, told([]))
    with pytest.raises(OSError, match="Input/output"):
        tape.start(HEAD)
    assert list(tmp_path.iterdir()) == []
