"""What a build is made from: a tar that we write, of a Dockerfile alone or of an uploaded tar.

Of an upload go on regular files, directories, hard links to such files and symbolic links that
stay within it, under plain names, with nine permission bits and no owner; .dockerignore says what
stays out. The Dockerfile that the engine reads is one of ours beside it, and is gone before the
first COPY.
"""

import posixpath
import stat
import tarfile
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from docker.utils.build import PatternMatcher

from engine.archive import PIECE, tar_header
from engine.dockerfile import LONGEST
from engine.errors import EngineError, Refused
from engine.tar_parser import BLOCK, Header, TarParser
from engine.threads import door
from engine.tree import stays_inside

OURS, IGNORE = ".wharfinger.Dockerfile", ".dockerignore"
MOST_MEMBERS = 200_000
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_WHEN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """``source`` is an uploaded tar, None for a Dockerfile alone; ``left_out`` names what an
    engine is not given of it."""

    dockerfile: bytes
    path: str = "Dockerfile"
    source: Path | None = None
    ignore: bytes | None = None
    left_out: tuple[str, ...] = ()


class Judge:
    """Which members go on, and under which name. Raises Refused for what makes no sense."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        self._names: set[str] = set()
        self._closed: set[str] = set()  # links, and what was left out: nothing may lie below

    def judge(self, header: Header) -> str:
        """The member's name; "" where it stays out."""
        name = posixpath.normpath(header.name.rstrip("/") or ".")
        if name == ".":
            return ""
        if name.startswith(("/", "../")) or name == ".." or "\0" in name or name == OURS:
            raise Refused(
                "%(name)r leads out of the archive, or is a name of ours.",
                name=header.name,
            )
        folder = stat.S_ISDIR(header.mode)
        if name in self._names and not folder:
            raise Refused("%(name)s is in the archive twice.", name=name)
        if len(self._names) >= MOST_MEMBERS:
            raise Refused(
                "There are more than %(most)d files in the archive.",
                most=MOST_MEMBERS,
            )
        self._names.add(name)
        if self._taken(name, header):
            return name
        self.left_out.append(name)
        return ""

    def _taken(self, name: str, header: Header) -> bool:
        if self._below_closed(name):
            return False
        kind = stat.S_IFMT(header.mode)
        if header.is_hard_link:
            first = posixpath.normpath(header.link)
            known = first in self._names and first not in self._closed
            fine = known and not self._below_closed(first)
        elif kind == stat.S_IFLNK:
            fine = stays_inside(name, header.link)
        else:
            fine = kind in (stat.S_IFREG, stat.S_IFDIR)
        if not fine or kind == stat.S_IFLNK:
            self._closed.add(name)
        return fine

    def _below_closed(self, name: str) -> bool:
        while name := posixpath.dirname(name):
            if name in self._closed:
                return True
        return False


def read(source: Path, path: str) -> Context:
    """Look through an uploaded tar for the Dockerfile ``path``. Blocks. Raises Refused."""
    path = posixpath.normpath(path)
    judge, found = Judge(), dict[str, bytearray]()
    current: bytearray | None = None
    for item in members(source):
        if isinstance(item, bytes):
            if current is not None:
                current += item
            continue
        name, current = judge.judge(item), None
        if name in (path, IGNORE) and stat.S_ISREG(item.mode) and not item.is_hard_link:
            if item.size > LONGEST:
                raise Refused(
                    "%(name)s is longer than %(most)d bytes.",
                    name=name,
                    most=LONGEST,
                )
            current = found[name] = bytearray()
    if path not in found:
        raise Refused(
            "There is no Dockerfile %(path)s in the context, as a file of its own.",
            path=path,
        )
    ignore = bytes(found[IGNORE]) if IGNORE in found else None
    return Context(bytes(found[path]), path, source, ignore, tuple(judge.left_out))


def members(source: Path) -> Iterator[Header | bytes]:
    """Headers and pieces of files. Raises Refused where it is no whole, plain tar."""
    for found in pieces(source):
        yield from found


def pieces(source: Path) -> Iterator[list[Header | bytes]]:
    """The same, all that one read of the disk completes together."""
    parser = TarParser(data=True)
    with source.open("rb", 0) as file:
        while not parser.done and (piece := file.read(PIECE)):
            if file.tell() == len(piece) and piece.startswith(COMPRESSED):
                raise Refused("The context is compressed: send a plain tar.")
            try:
                found = parser.feed(piece)
            except EngineError as error:
                raise Refused("The context is no tar: %(message)s", message=error.message) from None
            yield found
    if not parser.done:
        raise Refused("The context's tar ends early: it has no end mark.")


async def tar(context: Context, recipe: bytes) -> AsyncGenerator[bytes]:
    """The whole context with ``recipe`` as the Dockerfile ``OURS``. Raises OSError, Refused."""
    stays_out = ignored(context.ignore)
    yield small(OURS, recipe) + small(IGNORE, ignore_file(context, stays_out))
    if context.source is None:
        yield small(context.path, context.dockerfile)
    else:
        written = rewritten(context.source, stays_out)
        while (piece := await door.run(next, written, None)) is not None:
            yield piece
    yield bytes(2 * BLOCK)


def ignored(text: bytes | None) -> Callable[[str], bool]:
    """Whether .dockerignore names a file, as the docker command line understands it."""
    lines = (text or b"").decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    matcher = PatternMatcher(patterns)
    matcher.patterns.pop()  # it adds !.dockerignore, which it does not let be left out
    return lambda name: bool(matcher.matches(cast(Any, name)))  # its stub wants a path; it a text


def ignore_file(context: Context, stays_out: Callable[[str], bool]) -> bytes:
    """It makes the engine forget our Dockerfile, and itself where the context has none."""
    own = b"" if context.ignore is None or stays_out(IGNORE) else context.ignore
    return b"%b\n%b\n" % (own or IGNORE.encode(), OURS.encode())


def small(name: str, data: bytes) -> bytes:
    head = tar_header(name, tarfile.REGTYPE, (0o644, 0, 0, _WHEN), len(data))
    return head + data + bytes(-len(data) % BLOCK)


def rewritten(source: Path, stays_out: Callable[[str], bool]) -> Iterator[bytes]:
    """The members that go on, as we write them, one piece for each read of the disk. Blocks."""
    judge, goes_on, size, left = Judge(), False, 0, 0
    for found in pieces(source):
        out = bytearray()
        for item in found:
            if isinstance(item, bytes):
                left -= len(item)
                if goes_on:
                    out += item + bytes(0 if left else -size % BLOCK)
                continue
            name = judge.judge(item)
            goes_on = bool(name) and name != IGNORE and not stays_out(name)
            size = left = item.size
            out += header_of(name, item) if goes_on else b""
        yield bytes(out)


def header_of(name: str, header: Header) -> bytes:
    kinds = {stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE}
    kind = kinds.get(stat.S_IFMT(header.mode), tarfile.REGTYPE)
    link = header.link
    if header.is_hard_link:
        kind, link = tarfile.LNKTYPE, posixpath.normpath(header.link)
    return tar_header(name, kind, (header.mode, 0, 0, header.mtime), header.size, link)
