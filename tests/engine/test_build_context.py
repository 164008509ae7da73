"""The context of a build: what goes on of a tar, and what never does."""

import asyncio
import io
import tarfile
from pathlib import Path

import pytest

from engine.build_context import IGNORE, OURS, Context, read, tar
from engine.errors import Refused
from engine.threads import door


def archive(*members: tuple[str, object], kind: bytes = tarfile.REGTYPE) -> bytes:
    """(name, text), or (name, (type, link)) for what is no file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as found:
        for name, what in members:
            info = tarfile.TarInfo(name)
            info.mode, info.uid, info.uname = 0o4755, 1000, "me"
            if isinstance(what, str):
                info.size = len(what.encode())
                found.addfile(info, io.BytesIO(what.encode()))
            else:
                assert isinstance(what, tuple)
                info.type, info.linkname = what
                found.addfile(info)
    return out.getvalue()


def written(context: Context) -> dict[str, tarfile.TarInfo]:
    """What the engine would get, by name; texts as ``pax_headers["text"]``."""

    async def all_of_it() -> bytes:
        door.open(asyncio.get_running_loop())
        try:
            return b"".join([piece async for piece in tar(context, b"FROM sha256:x\n")])
        finally:
            await door.close()

    found = {}
    with tarfile.open(fileobj=io.BytesIO(asyncio.run(all_of_it()))) as members:
        for info in members:
            file = members.extractfile(info) if info.isreg() else None
            info.pax_headers = {"text": file.read().decode() if file else ""}
            assert info.name not in found
            found[info.name] = info
    return found


def texts(context: Context) -> dict[str, str]:
    return {name: info.pax_headers["text"] for name, info in written(context).items()}


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    return tmp_path / "context"


def test_a_dockerfile_alone_stands_beside_the_one_that_the_engine_reads() -> None:
    assert texts(Context(b"FROM x\n")) == {
        OURS: "FROM sha256:x\n",
        IGNORE: f"{IGNORE}\n{OURS}\n",
        "Dockerfile": "FROM x\n",
    }


def test_files_and_folders_go_on_as_they_are_named(spooled: Path) -> None:
    long = "a" * 90 + "/" + "b" * 120
    data = archive(
        ("./", (tarfile.DIRTYPE, "")),
        ("./Dockerfile", "FROM x\n"),
        ("dir/", (tarfile.DIRTYPE, "")),
        ("dir/../file", "moved"),
        (long, "long"),
        ("dir/é", "é" * 1000),
        ("empty", ""),
        ("same", (tarfile.LNKTYPE, "./file")),
        ("dir/link", (tarfile.SYMTYPE, "../file")),
    )
    spooled.write_bytes(data)
    context = read(spooled, "Dockerfile")
    assert (context.dockerfile, context.left_out) == (b"FROM x\n", ())
    found = written(context)
    assert list(found)[2:] == [
        *("Dockerfile", "dir", "file", long, "dir/é", "empty", "same", "dir/link")
    ]
    assert found["dir/é"].pax_headers["text"] == "é" * 1000
    assert (found["same"].type, found["same"].linkname) == (tarfile.LNKTYPE, "file")
    for info in found.values():
        assert info.mode in (0o755, 0o644)
        assert (info.uid, info.gid, info.uname) == (0, 0, "")


def test_what_leads_out_or_is_no_file_stays_out(spooled: Path) -> None:
    data = archive(
        ("Dockerfile", "FROM x\n"),
        ("etc", (tarfile.SYMTYPE, "/etc")),
        ("etc/passwd", "written through"),
        ("up", (tarfile.SYMTYPE, "../../x")),
        ("in", (tarfile.SYMTYPE, "dir")),
        ("in/file", "through a link"),
        ("hard", (tarfile.LNKTYPE, "etc")),
        ("harder", (tarfile.LNKTYPE, "/etc/shadow")),
        ("disk", (tarfile.BLKTYPE, "")),
        ("pipe", (tarfile.FIFOTYPE, "")),
        ("chars", (tarfile.CHRTYPE, "")),
    )
    spooled.write_bytes(data)
    context = read(spooled, "Dockerfile")
    assert set(written(context)) == {OURS, IGNORE, "Dockerfile", "in"}
    assert len(context.left_out) == 9


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("x", "")], "There is no Dockerfile"),
        ([("Dockerfile", (tarfile.SYMTYPE, "x"))], "no Dockerfile"),
        ([("x", ""), ("Dockerfile", (tarfile.LNKTYPE, "x"))], "no Dockerfile"),
        ([("Dockerfile", "a"), ("./Dockerfile", "b")], "twice"),
        ([("Dockerfile", "a"), (OURS, "b")], "ours"),
        ([("../Dockerfile", "a")], "leads out"),
        ([("/Dockerfile", "a")], "leads out"),
        ([("x/../../Dockerfile", "a")], "leads out"),
        ([("Dockerfile", "#" * 300_000)], "longer"),
    ],
)
def test_what_makes_no_sense_is_refused(
    members: list[tuple[str, object]], words: str, spooled: Path
) -> None:
    spooled.write_bytes(archive(*members))
    with pytest.raises(Refused, match=words):
        read(spooled, "Dockerfile")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x1f\x8b" + bytes(600), "compressed"),
        (b"\xfd7zXZ" + bytes(600), "compressed"),
        (b"x" * 600, "no tar"),
        (archive(("Dockerfile", "a" * 600))[:900], "ends early"),
        (b"", "ends early"),
    ],
)
def test_what_is_no_plain_tar_is_refused(data: bytes, words: str, spooled: Path) -> None:
    spooled.write_bytes(data)
    with pytest.raises(Refused, match=words):
        read(spooled, "Dockerfile")


def test_dockerignore_is_kept_as_the_command_line_does(spooled: Path) -> None:
    rules = "# words\n\n*.log\n**/tmp\nnode_modules\n!node_modules/keep\nsecret/\n"
    data = archive(
        (IGNORE, rules),
        ("docker/Dockerfile", "FROM x\n"),
        ("a.log", ""),
        ("dir/a.log", ""),
        ("dir/tmp/x", ""),
        ("node_modules/x", ""),
        ("node_modules/keep", ""),
        ("secret/key", ""),
    )
    spooled.write_bytes(data)
    found = texts(read(spooled, "docker/./Dockerfile"))
    assert set(found) == {
        *(OURS, IGNORE, "docker/Dockerfile", "dir/a.log", "node_modules/keep"),
    }
    assert found[IGNORE] == f"{rules}\n{OURS}\n"


def test_a_dockerignore_that_names_itself_is_gone_too(spooled: Path) -> None:
    spooled.write_bytes(archive((IGNORE, ".*\nDockerfile"), ("Dockerfile", "FROM x\n")))
    assert texts(read(spooled, "Dockerfile")) == {
        OURS: "FROM sha256:x\n",
        IGNORE: f"{IGNORE}\n{OURS}\n",
    }
