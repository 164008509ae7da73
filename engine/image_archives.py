"""An archive of images, as ``docker save`` writes it: read as data, and judged by its own words.

What the engine gets of it: ``image_parcels``.
"""

import hashlib
import json
import posixpath
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import EngineError, Refused
from engine.saved_json import Fields, parsed, refuse_twofold
from engine.tar_parser import BLOCK, Header, TarParser

MANIFEST = "manifest.json"
LARGEST_JSON = 8 * 2**20
LARGEST_CONFIG = 2**20  # the mirror keeps labels, of every image that there is
MOST_MEMBERS = 50_000
MOST_IMAGES = 500
MOST_LINKS = 8
READ = 64 * 1024
GZIP = b"\x1f\x8b"
PACKED = {GZIP: "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of the archive: one member's data."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class SavedImage:
    """One image of the archive; ``names`` are as they were written, not judged yet."""

    config: Stretch
    layers: tuple[Stretch, ...]
    names: tuple[str, ...]
    digest: str  # of the configuration: the image's id, without ``sha256:``


def read(path: Path) -> tuple[SavedImage, ...]:
    """The images in it. Blocks, and reads little but headers. Raises Refused with a sentence."""
    with path.open("rb") as file:
        refuse_packed(file.read(8))
        file.seek(0)
        found = Members(file)
        manifest = found.json(MANIFEST)
        if not isinstance(manifest, list) or not 0 < len(manifest) <= MOST_IMAGES:
            raise Refused(
                "%(manifest)s: a list of 1 to %(most)d images is needed.",
                manifest=MANIFEST,
                most=MOST_IMAGES,
            )
        return tuple(found.image(item) for item in manifest)


def refuse_packed(beginning: bytes) -> None:
    for mark, kind in PACKED.items():
        if beginning.startswith(mark):
            raise Refused(
                "This archive is compressed (%(kind)s): unpack it first. A plain tar is needed,"
                " as docker save writes it.",
                kind=kind,
            )


class Members:
    """Where each member of a tar is; a later one of the same name takes an earlier one's place."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._files: dict[str, Stretch] = {}
        self._links: dict[str, str] = {}
        for header, offset in headers(file):
            self._add(header, offset)

    def _add(self, header: Header, offset: int) -> None:
        name = posixpath.normpath(header.name)
        if len(self._files) + len(self._links) >= MOST_MEMBERS:
            raise Refused(
                "The archive has more than %(most)d members.",
                most=MOST_MEMBERS,
            )
        self._files.pop(name, None)
        self._links.pop(name, None)
        if header.is_hard_link:
            self._links[name] = posixpath.normpath(header.link)
        elif stat.S_ISLNK(header.mode):
            self._links[name] = posixpath.normpath(
                posixpath.join(posixpath.dirname(name), header.link)
            )
        elif stat.S_ISREG(header.mode):
            self._files[name] = Stretch(offset, header.size)

    def find(self, name: str) -> Stretch:
        at = posixpath.normpath(name)
        for _step in range(MOST_LINKS):
            if (stretch := self._files.get(at)) is not None:
                return stretch
            at = self._links.get(at, "")
        if name == MANIFEST:
            raise Refused(
                "This archive has no %(manifest)s, so it holds no images that could be loaded:"
                " make one with docker save. (A container's file system is for docker import.)",
                manifest=MANIFEST,
            )
        raise Refused(
            "%(manifest)s: %(name)s is not in the archive.",
            manifest=MANIFEST,
            name=name[:200],
        )

    def bytes(self, name: str, largest: int = LARGEST_JSON) -> bytes:
        stretch = self.find(name)
        if stretch.size > largest:
            raise Refused(
                "%(name)s is too large: %(size)s bytes.",
                name=name[:200],
                size=stretch.size,
            )
        self._file.seek(stretch.offset)
        return self._file.read(stretch.size)

    def json(self, name: str, largest: int = LARGEST_JSON) -> Any:
        return parsed(name, self.bytes(name, largest))

    def image(self, item: Any) -> SavedImage:
        fields = item if isinstance(item, dict) else {}
        config, layers = fields.get("Config"), fields.get("Layers") or []
        names = fields.get("RepoTags") or []
        if not isinstance(config, str) or not all(map(is_texts, (layers, names))):
            raise Refused(
                "%(manifest)s: an image needs Config, Layers and RepoTags.",
                manifest=MANIFEST,
            )
        said = self.json(config, LARGEST_CONFIG)
        if not isinstance(said, Fields):
            raise Refused("%(config)s is no configuration of an image.", config=config[:200])
        refuse_twofold(said)
        digest = hashlib.sha256(self.bytes(config)).hexdigest()
        found = tuple(self.find(layer) for layer in layers)
        return SavedImage(self.find(config), found, tuple(names), digest)


Asks = Callable[[], bool]


def check_layers(path: Path, images: tuple[SavedImage, ...], is_over: Asks = lambda: False) -> None:
    """That each layer is the one which its configuration names. Blocks, and reads all of them, as
    long as nobody says that it ``is_over``.

    The engine reads no layer that it has already: whoever names another team's by its digest would
    be given its files for any bytes. Raises Refused.
    """
    known: dict[Stretch, str] = {}
    with path.open("rb") as file:
        for image in images:
            file.seek(image.config.offset)
            wanted = diff_ids(json.loads(file.read(image.config.size)))
            if len(wanted) != len(image.layers):
                raise Refused(
                    "%(manifest)s: an image has as many Layers as its Config names.",
                    manifest=MANIFEST,
                )
            for stretch, digest in zip(image.layers, wanted, strict=True):
                if stretch not in known:
                    known[stretch] = digest_of(file, stretch, is_over)
                if digest != known[stretch]:
                    raise Refused(
                        "A layer is not the one that its Config names: %(digest)s.",
                        digest=digest[:200],
                    )


def diff_ids(config: Any) -> list[str]:
    rootfs = config.get("rootfs")
    found = (rootfs.get("diff_ids") if isinstance(rootfs, dict) else None) or []
    if not is_texts(found):
        raise Refused("rootfs.diff_ids of an image is no list of digests.")
    return list(found)


def digest_of(file: BinaryIO, stretch: Stretch, is_over: Asks) -> str:
    """Of a layer's tar, unpacked where it is compressed by gzip, up to a thousandfold."""
    file.seek(stretch.offset)
    sums, left = hashlib.sha256(), stretch.size
    unpack: Any = None
    while left and not is_over() and (piece := file.read(min(READ, left))):
        if left == stretch.size:
            unpack = zlib.decompressobj(31) if piece.startswith(GZIP) else None
        left -= len(piece)
        try:
            while unpack is not None and piece and not is_over():
                sums.update(unpack.decompress(piece, READ))
                piece = unpack.unconsumed_tail
        except zlib.error as error:
            raise Refused("A layer is no whole gzip: %(error)s.", error=error) from error
        sums.update(piece)
    return f"sha256:{sums.hexdigest()}"


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def headers(file: BinaryIO) -> Iterator[tuple[Header, int]]:
    """Each member and where its data begins; data is passed over unread."""
    parser, read_to = TarParser(), 0
    while not parser.done:
        piece = file.read(BLOCK)
        if len(piece) < BLOCK:
            raise Refused("This is no whole tar archive: it ends in the middle.")
        read_to += BLOCK
        for header in fed(parser, piece):
            yield header, read_to
        if passed := parser.skip():
            read_to += passed
            file.seek(read_to)


def fed(parser: TarParser, piece: bytes) -> list[Header]:
    try:
        return [item for item in parser.feed(piece) if isinstance(item, Header)]
    except EngineError as error:
        raise Refused("This is no tar archive, as docker save writes it.") from error
