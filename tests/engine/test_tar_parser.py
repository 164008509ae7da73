"""Tar headers, however the tar is cut."""

import io
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.tar_parser import Header, TarParser

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]], format: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as made:
        for info, data in members:
            made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def info(name: str, size: int = 0, type: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.type, made.mtime = size, type, int(NOW.timestamp())
    for key, value in more.items():
        setattr(made, key, value)
    return made


def headers(data: bytes, size: int) -> list[Header]:
    parser = TarParser()
    found = [item for at in range(0, len(data), size) for item in parser.feed(data[at : at + size])]
    assert parser.done
    assert all(isinstance(item, Header) for item in found)
    return [item for item in found if isinstance(item, Header)]


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1)


@settings(deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.integers(0, 1500)), max_size=5),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.integers(1, 3000),
)
def test_headers_however_the_tar_is_cut(
    members: list[tuple[str, int]], format: int, size: int
) -> None:
    names = [f"dir/{'long' * 30}/{name}" for name, _ in members]
    data = tar(
        [
            (info(name, length), b"d" * length)
            for name, (_, length) in zip(names, members, strict=True)
        ],
        format,
    )
    found = headers(data, size)
    assert [(header.name, header.size) for header in found] == [
        (name, length) for name, (_, length) in zip(names, members, strict=True)
    ]


def test_types_owners_and_links() -> None:
    data = tar(
        [
            (info("d", type=tarfile.DIRTYPE, mode=0o1777), b""),
            (info("d/l", type=tarfile.SYMTYPE, linkname="x" * 200, mode=0o777), b""),
            (info("d/f", 3, uid=5, gid=6), b"abc"),
            (info("d/h", type=tarfile.LNKTYPE, linkname="d/f"), b""),
            (info("d/p", type=tarfile.FIFOTYPE), b""),
            (info("d/c", type=tarfile.CHRTYPE, uname="root"), b""),
        ],
        tarfile.PAX_FORMAT,
    )
    found = headers(data, 700)
    assert [oct(header.mode & 0o171000) for header in found] == [
        "0o41000", "0o120000", "0o100000", "0o100000", "0o10000", "0o20000"
    ]  # fmt: skip
    assert found[1].link == "x" * 200
    assert (found[2].owner, found[2].group) == ("5", "6")
    assert (found[3].is_hard_link, found[3].link) == (True, "d/f")
    assert found[5].owner == "root"


@pytest.mark.parametrize(
    "data", [b"x" * 512, b"\0" * 100 + b"x" * 412, tarfile.TarInfo("a").tobuf()[:300] + b"y" * 212]
)
def test_what_is_no_tar_is_an_error(data: bytes) -> None:
    with pytest.raises(EngineError):
        TarParser().feed(data)


def test_a_name_without_an_end_is_refused_before_it_is_held() -> None:
    header = info("././@LongLink", 2 * 1024 * 1024, tarfile.GNUTYPE_LONGNAME)
    with pytest.raises(EngineError, match="without an end"):
        TarParser().feed(header.tobuf(tarfile.GNU_FORMAT))
