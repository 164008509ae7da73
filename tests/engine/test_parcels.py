"""What goes on of an archive, and how it is written again."""

import hashlib
import io
import random
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import EngineError, Refused
from engine.file_parts import PART
from engine.parcels import Damaged, FileParcel, TreeParcel, nodes, rewritten
from engine.tree import Tree, stays_inside
from engine.zips import zipped
from tests import hostile
from tests.hostile import HOSTILE, joined, member, pieces_of, tar

pytestmark = pytest.mark.usefixtures("open_door")


def read(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return {info.name: info for info in opened.getmembers()}


async def test_of_a_hostile_archive_only_the_harmless_goes_on() -> None:
    tree = Tree()
    data = await joined(rewritten(nodes(pieces_of(tar(HOSTILE)), tree), "new"))
    found = read(data)
    assert list(found) == [
        "new", "new/setuid", "new/new\nline", "new/sub", "new/sub/link", "new/again",
        "new/packed.tar.xz",
    ]  # fmt: skip
    assert tree.left_out == len(HOSTILE) - hostile.TAKEN
    setuid = found["new/setuid"]
    assert (setuid.mode, setuid.uid, setuid.gid) == (0o755, 1234, 1235)
    assert (found["new/again"].linkname, found["new/again"].type) == ("new/setuid", tarfile.LNKTYPE)
    assert found["new/sub/link"].linkname == "../setuid"


@pytest.mark.parametrize("type", [tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
async def test_a_special_file_is_no_root(type: bytes) -> None:
    with pytest.raises(Refused, match="neither a regular file nor a directory"):
        await joined(rewritten(nodes(pieces_of(tar([member("x", type=type)])), Tree()), "x"))


@pytest.mark.parametrize(
    ("path", "target", "inside"),
    [
        ("a", "b", True),
        ("a/b", "../c", True),
        ("a/b", "..", True),
        ("a", "..", False),
        ("a/b", "../../c", False),
        ("a/b", "../../a/b", False),
        ("a", "/a", False),
        ("a", "", False),
    ],
)
def test_where_a_link_leads_is_told_by_its_words(path: str, target: str, inside: bool) -> None:
    assert stays_inside(path, target) is inside


async def test_what_is_cut_is_an_error_and_no_archive() -> None:
    data = tar(HOSTILE)[:-10_000][:9_000]
    for cut in (rewritten(nodes(pieces_of(data), Tree()), "x"), zipped(pieces_of(data), "x")):
        with pytest.raises(EngineError, match="ended early"):
            await joined(cut)


async def test_bytes_come_before_any_name(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(await joined(rewritten(nodes(pieces_of(tar(HOSTILE)), Tree()), "copy")))
    data = await joined(TreeParcel("x", spool, spool.stat().st_size).tar(".part"))
    names = list(read(data))
    bytes_of = [name for name in names if name.startswith(".part")]
    assert bytes_of == [".part", ".part/1", ".part/2", ".part/3"] == names[:4]
    found = read(data)
    assert all(found[name].islnk() for name in ("x/setuid", "x/new\nline", "x/packed.tar.xz"))
    assert found["x/setuid"].linkname == ".part/1"
    plain = read(await joined(TreeParcel("x", spool, spool.stat().st_size).tar("")))
    assert list(plain) == names[4:]


async def test_a_file_is_named_last(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"abc")
    parcel = FileParcel("name", tmp_path / "spool", 3, datetime(2026, 1, 1, tzinfo=UTC))
    found = read(await joined(parcel.tar(".part")))
    assert [(info.name, info.linkname) for info in found.values()] == [
        (".part", ""), ("name", ".part"),
    ]  # fmt: skip
    assert list(read(await joined(parcel.tar("")))) == ["name"]


async def test_a_zip_has_names_in_utf_8_and_no_way_out() -> None:
    more = (member("top/ünï\\code", b"u" * 70_000), member("top/bad\udcff", b"b"))
    made = await joined(zipped(pieces_of(tar(HOSTILE + more)), "top"))
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        files = {info.filename: info for info in opened.infolist()}
        assert set(files) == {
            "top/", "top/setuid", "top/new\nline", "top/sub/", "top/sub/link", "top/again",
            "top/packed.tar.xz", "top/ünï_code~7", "top/bad�~8",
        }  # fmt: skip
        assert opened.read("top/ünï_code~7") == b"u" * 70_000
        assert opened.read("top/again") == b"setuid"
        assert opened.comment == b"Left out: 16 links and special files"
    assert files["top/setuid"].external_attr >> 16 == 0o100755
    assert files["top/sub/link"].external_attr >> 16 & 0o170000 == 0o120000


async def test_a_zip_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.zips.MOST_MEMBERS", 3)
    with pytest.raises(Refused, match="take the tar"):
        await joined(zipped(pieces_of(tar(HOSTILE)), "top"))


def spooled(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "spool"
    path.write_bytes(data)
    return path


async def test_the_sum_of_a_file_is_known_when_its_name_is_written(tmp_path: Path) -> None:
    data = random.Random(7).randbytes(2 * PART + 12_345)
    source = spooled(tmp_path, data)
    parcel = FileParcel("name", source, len(data), datetime(2026, 1, 1, tzinfo=UTC))
    with tarfile.open(fileobj=io.BytesIO(await joined(parcel.tar("")))) as opened:
        found = opened.extractfile("name")
        assert found is not None
        assert found.read() == data
    assert parcel.sha256 == hashlib.sha256(data).hexdigest()


async def passed(parcel: FileParcel) -> bytes:
    """What of it goes out before it fails."""
    found = []
    try:
        async for piece in parcel.tar(".part"):
            found.append(piece if isinstance(piece, bytes) else piece.read())
    except (Damaged, OSError):
        return b"".join(found)
    raise AssertionError("it did not fail")


async def test_a_wrong_sum_or_a_short_file_gives_no_name(tmp_path: Path) -> None:
    when, source = datetime(2026, 1, 1, tzinfo=UTC), spooled(tmp_path, b"abc")
    for broken in (
        FileParcel("name", source, 3, when, wanted="0" * 64),
        FileParcel("name", source, 4, when),
    ):
        found = await passed(broken)
        assert b".part" in found
        assert b"name" not in found
