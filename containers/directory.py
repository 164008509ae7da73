"""What is in a directory of a container: by a fixed command inside it, else from tar headers.

The engine has no call for it (facts: GET /archive sends the whole subtree). So where the container
runs and has a shell, one command of ours lists it, with the path as an argument and never as
text; anywhere else the tar's headers are walked within bounds.
"""

import asyncio
import posixpath
import stat
from datetime import UTC, datetime
from typing import Literal

from django.utils.translation import gettext as _

from engine.archive import MOST_ENTRIES, Listing, list_directory
from engine.engine import Engine
from engine.errors import EngineError
from engine.threads import door
from engine.types import ContainerRow, FileEntry
from web.errors import BadInput

FileKind = Literal["file", "folder", "link", "special"]
SECONDS = 5.0
MOST_OUTPUT = 4 * 2**20
# Three parts, divided by an empty name: names, (link, target) pairs, and one line of numbers for
# each name in the same order, so that a name with a newline cannot shift them.
SCRIPT = f"""
cd -- "$1/" || exit 3
names() {{
  n=0
  for f in .* *; do
    case "$f" in .|..) continue ;; esac
    [ -e "$f" ] || [ -L "$f" ] || continue
    n=$((n + 1)); [ "$n" -gt {MOST_ENTRIES + 1} ] && break
    printf '%s\\0' "$f"
  done
}}
names; printf '\\0'
for f in .* *; do [ -L "$f" ] && printf '%s\\0%s\\0' "$f" "$(readlink -- "$f")"; done; printf '\\0'
names | xargs -0 stat -c '%f %s %Y %U %G' --
"""


def normal(path: str) -> str:
    """An absolute path as it is asked for everywhere. Raises BadInput."""
    path = path or "/"
    if not path.startswith("/") or "\0" in path or len(path) > 4096:
        raise BadInput(_("path: begin with a slash, in at most 4096 characters."))
    return posixpath.normpath(path).replace("//", "/")


async def list_path(engine: Engine, row: ContainerRow, path: str) -> Listing:
    """The entries of ``path``, directories first. Raises NotFound, Refused where it is none."""
    entries = await ask_inside(engine, row.id, path) if row.state == "running" else None
    if entries is not None:
        partial = len(entries) > MOST_ENTRIES
        return Listing(in_order(entries[:MOST_ENTRIES]), partial)
    return await list_by_headers(engine, row.id, path)


async def list_by_headers(engine: Engine, container_id: str, path: str) -> Listing:
    """The same where nothing can be asked inside."""
    # "/." follows a link to a directory and is an error for a file, as for `docker cp`.
    async with engine.streams.get_archive(container_id, f"{path.rstrip('/')}/.") as (_stat, pieces):
        listing = await list_directory(pieces)
    return Listing(in_order(list(listing.entries)), listing.partial)


def in_order(entries: list[FileEntry]) -> tuple[FileEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (not entry.is_dir, entry.name)))


def kind_of(entry: FileEntry) -> FileKind:
    if entry.is_dir:
        return "folder"
    if entry.is_link:
        return "link"
    return "file" if stat.S_ISREG(entry.mode) else "special"


async def ask_inside(engine: Engine, container_id: str, path: str) -> list[FileEntry] | None:
    """The command's answer; None where the container has no shell, is slow or answers nonsense."""
    argv = ["sh", "-c", SCRIPT, "sh", path]
    try:
        async with asyncio.timeout(SECONDS):
            exec_id = await door.run(
                engine.commands.exec_create, container_id, argv, tty=False, user="0"
            )
            output = bytearray()
            async with engine.streams.exec_start(exec_id, tty=False) as duplex:
                while pieces := await duplex.read_streams():
                    output += b"".join(data for stream, data in pieces if stream == 1)
                    if len(output) > MOST_OUTPUT:
                        return None
        return parse(bytes(output))
    except (EngineError, TimeoutError, ValueError):
        return None


def parse(output: bytes) -> list[FileEntry]:
    """Entries from the command's output. Raises ValueError where the parts do not fit."""
    names_part, rest = split_part(output)
    links_part, numbers = split_part(rest)
    names = [name.decode("utf-8", "surrogateescape") for name in names_part]
    targets = dict(zip(links_part[::2], links_part[1::2], strict=True))
    lines = numbers.decode("ascii", "replace").splitlines()
    return [
        entry(name, line, targets.get(name.encode("utf-8", "surrogateescape"), b""))
        for name, line in zip(names, lines, strict=True)
    ]


def split_part(output: bytes) -> tuple[list[bytes], bytes]:
    """NUL-ended names up to an empty one, and what follows."""
    if output.startswith(b"\0"):
        return [], output[1:]
    head, mark, rest = output.partition(b"\0\0")
    if not mark:
        raise ValueError("a part without an end")
    return head.split(b"\0"), rest


def entry(name: str, line: str, target: bytes) -> FileEntry:
    mode, size, mtime, owner, group = line.split(" ")
    bits = int(mode, 16)
    return FileEntry(
        name=name,
        size=int(size) if stat.S_ISREG(bits) else 0,
        mode=bits,
        mtime=datetime.fromtimestamp(int(mtime), UTC),
        owner=owner,
        group=group,
        link_target=target.decode("utf-8", "replace"),
    )
