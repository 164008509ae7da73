"""Archives of images, read as data: hostile ones are refused in a sentence, and nothing of what
their author wrote reaches the engine but layers and configurations."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Refused
from engine.image_archives import MANIFEST, Members, check_layers, read
from engine.image_parcels import size_of, written
from engine.threads import Door

CONFIG = b'{"rootfs": {"type": "layers", "diff_ids": []}}'
GOOD = [{"Config": "c.json", "RepoTags": ["shop/api:1"], "Layers": ["a/layer.tar", "b/layer.tar"]}]
Entry = tuple[str, bytes] | tarfile.TarInfo


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def archive(path: Path, *entries: Entry) -> Path:
    with tarfile.open(path, "w") as tar:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                tar.addfile(info, io.BytesIO(entry[1]))
    return path


def usual(manifest: object = GOOD) -> list[Entry]:
    return [
        ("c.json", CONFIG),
        ("a/layer.tar", b"A" * 3_000_000),
        link("b/layer.tar", "../a/layer.tar"),
        (MANIFEST, json.dumps(manifest).encode()),
    ]


async def sent(path: Path, door: Door) -> tarfile.TarFile:
    out = bytearray()
    async for piece in written(path, read(path)):
        out += piece if isinstance(piece, bytes) else piece.read()
    return tarfile.open(fileobj=io.BytesIO(bytes(out)))


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> Door:
    import asyncio

    door = Door()
    door.open(asyncio.get_running_loop())
    monkeypatch.setattr("engine.image_parcels.door", door)
    return door


async def test_the_engine_gets_layers_and_configurations_and_no_name(
    tmp_path: Path, opened: Door
) -> None:
    path = archive(tmp_path / "x", *usual(), ("../../etc/cron.d/x", b"evil"), ("index.json", b"{}"))
    (image,) = read(path)
    assert image.names == ("shop/api:1",)
    tar = await sent(path, opened)
    assert tar.getnames() == [MANIFEST, "0.json", "1.tar"]
    assert all(member.isreg() for member in tar)
    told = json.load(tar.extractfile(MANIFEST) or io.BytesIO())
    assert told == [{"Config": "0.json", "RepoTags": None, "Layers": ["1.tar", "1.tar"]}]
    assert (tar.extractfile("1.tar") or io.BytesIO()).read() == b"A" * 3_000_000
    assert size_of((image,)) == len(CONFIG) + 3_000_000
    await opened.close()


def test_of_two_members_of_a_name_the_later_counts_and_a_link_is_followed(tmp_path: Path) -> None:
    other = json.dumps([{**GOOD[0], "RepoTags": ["bank/api:1"]}]).encode()
    path = archive(
        tmp_path / "x", *usual(), ("real.json", other), link(f"./{MANIFEST}", "real.json")
    )
    assert read(path)[0].names == ("bank/api:1",)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": lambda data: b"\x28\xb5\x2f\xfd" + data,
    "xz": lambda data: b"\xfd7zXZ\0" + data,
    "bzip2": lambda data: b"BZh9" + data,
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_compressed_one_is_refused_by_its_kind(tmp_path: Path, kind: str) -> None:
    path = archive(tmp_path / "x", *usual())
    path.write_bytes(PACKED[kind](path.read_bytes()))
    with pytest.raises(Refused, match=f"compressed .{kind}.: unpack it first"):
        read(path)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("etc/passwd", b"x")], "has no manifest.json"),
        ([link(MANIFEST, MANIFEST)], "has no manifest.json"),
        ([link(MANIFEST, "/etc/passwd")], "has no manifest.json"),
        ([(MANIFEST, b"{nonsense")], "is no JSON"),
        ([(MANIFEST, b"[" * 10_000)], "is no JSON"),
        ([(MANIFEST, b"[" * 100_000)], "has too many parts"),
        ([(MANIFEST, b"{}")], "a list of 1 to"),
        ([(MANIFEST, b"[]")], "a list of 1 to"),
        ([(MANIFEST, b"[3]")], "needs Config, Layers and RepoTags"),
        ([(MANIFEST, b'[{"Config": "c.json", "Layers": [3]}]')], "needs Config"),
        ([(MANIFEST, b'[{"config": "c.json"}]')], "needs Config"),
        ([(MANIFEST, b'[{"Config": "../c.json"}]')], "is not in the archive"),
        ([(MANIFEST, b'[{"Config": "c"}]'), ("c", b"[]")], "is no configuration"),
        ([(MANIFEST, b"[" + b" " * (9 * 2**20))], "is too large"),
        (usual([{**GOOD[0], "Layers": ["none"]}]), "none is not in the archive"),
    ],
)
def test_what_is_no_archive_of_images_is_refused_in_a_sentence(
    tmp_path: Path, entries: list[Entry], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        read(archive(tmp_path / "x", *entries))


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"x" * 5000, bytes(100)])
def test_what_is_no_tar_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(Refused, match="tar archive"):
        read(tmp_path / "x")


def test_one_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "x", *usual())
    path.write_bytes(path.read_bytes()[:2_000_000])
    with pytest.raises(Refused, match="ends in the middle"):
        read(path)


def test_layers_are_not_read_to_look_into_it(tmp_path: Path) -> None:
    path = archive(tmp_path / "x", ("big", b"A" * 5_000_000), *usual())
    with path.open("rb") as file:
        counted = Counted(file.fileno(), closefd=False)
        Members(counted)  # type: ignore[arg-type]
        assert counted.taken < 20_000


class Counted(io.FileIO):
    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data or b"")
        return data or b""


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_layer_is_the_one_that_its_configuration_names(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    layer = b"L" * 200_000
    good = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    manifest = json.dumps([{"Config": "c", "RepoTags": [], "Layers": ["l"]}]).encode()

    def checked(*digests: object) -> None:
        config = json.dumps({"rootfs": {"diff_ids": digests}}).encode()
        entries = [("c", config), ("l", pack(layer)), (MANIFEST, manifest)]
        path = archive(tmp_path / "a.tar", *entries)
        check_layers(path, read(path))

    checked(good)
    for bad in (["sha256:" + "0" * 64], [], [good, good], [7]):
        with pytest.raises(Refused):
            checked(*bad)


def test_a_layer_that_unpacks_to_very_much_is_left_once_nobody_waits(tmp_path: Path) -> None:
    asked = 0

    def over() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    manifest = json.dumps([{**GOOD[0], "Layers": ["layer.tar"]}]).encode()
    config = json.dumps({"rootfs": {"diff_ids": ["sha256:0"]}}).encode()
    bomb = gzip.compress(bytes(8 * 2**20))
    name = str(GOOD[0]["Config"])
    path = archive(tmp_path / "x", ("layer.tar", bomb), (name, config), (MANIFEST, manifest))
    with pytest.raises(Refused):
        check_layers(path, read(path), over)
    assert 4 < asked < 9
