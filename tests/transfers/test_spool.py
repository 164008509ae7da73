"""A slice on its way from the request's file to the spool's."""

import base64
import errno
import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import pytest

from transfers import spool
from transfers.spool import Checksum, copied

DATA = bytes(range(256)) * 1000


class FromFile:
    """A request whose body our server has in a file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        raise AssertionError("the system copies by itself")


def header(data: bytes) -> str:
    return "sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("by_system", [True, False])
@pytest.mark.parametrize("asked", ["", header(DATA), header(b"other")])
def test_a_slice_is_copied_whole_and_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_system: bool, asked: str
) -> None:
    if not by_system:
        monkeypatch.setattr(spool, "copied_by_system", cannot)
    (tmp_path / "body").write_bytes(DATA)
    (tmp_path / "spool").write_bytes(b"begun")
    judge = Checksum(asked)
    with (tmp_path / "body").open("rb") as body, (tmp_path / "spool").open("r+b") as file:
        file.seek(5)
        assert copied(FromFile(body), file, 5, len(DATA) + 1, judge) == len(DATA)
    assert (tmp_path / "spool").read_bytes() == b"begun" + DATA
    assert judge.right() == (asked == header(DATA))


def cannot(source: int, target: int, offset: int, length: int) -> int:
    raise OSError(errno.EXDEV, "two file systems")


def test_a_full_disk_is_no_reason_to_try_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: int, target: int, offset: int, length: int) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(spool, "copied_by_system", full)
    (tmp_path / "body").write_bytes(DATA)
    with (
        (tmp_path / "body").open("rb") as body,
        (tmp_path / "spool").open("w+b") as file,
        pytest.raises(OSError, match="full"),
    ):
        copied(FromFile(body), file, 0, len(DATA), Checksum(""))


def test_a_body_in_memory_goes_through_it() -> None:
    target = io.BytesIO()
    assert copied(io.BytesIO(DATA), target, 0, 1000, Checksum("")) == 1000
    assert target.getvalue() == DATA[:1000]
