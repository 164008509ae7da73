"""Which members of an engine's archive go on, and under which name. Pure.

What stands in a container is chosen by whoever runs it. So a member is taken for what its own
path says or not at all: regular files, directories, hard links to such files, and symbolic links
that stay within the tree. Devices, pipes and links that lead out are left out and counted.
"""

import posixpath
import stat
from dataclasses import dataclass

from engine.errors import EngineError, Refused
from engine.tar_parser import Header

MOST_CLOSED = 200_000


@dataclass(frozen=True, slots=True)
class Node:
    """``path`` is relative to the tree's root ("" is the root itself); ``link`` is the target of
    a symbolic link as it stands, or the path within the tree of a hard link's first name.
    """

    path: str
    header: Header
    link: str = ""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.header.mode)

    @property
    def is_symlink(self) -> bool:
        return stat.S_ISLNK(self.header.mode)

    @property
    def is_file(self) -> bool:
        """Whether its bytes are its own; a file's further name has none."""
        return stat.S_ISREG(self.header.mode) and not self.header.is_hard_link


class Tree:
    """The first header is the root: a directory, or the only file. ``left_out`` counts the rest."""

    def __init__(self) -> None:
        self.left_out = 0
        self._root: str | None = None
        self._closed: set[str] = set()  # links, and what was left out: nothing may lie below

    def judge(self, header: Header) -> Node | None:
        """The member to take, or None. Raises EngineError where the archive makes no sense."""
        if self._root is None:
            return self._begin(header)
        path = self._inside(header.name)
        if path is None or self._below_closed(path):
            self.left_out += 1
            return None
        node = self._node(path, header)
        if node is None or node.is_symlink:
            self._close(path)
        if node is None:
            self.left_out += 1
        return node

    def _begin(self, header: Header) -> Node:
        self._root = header.name.rstrip("/")
        if header.is_hard_link or stat.S_IFMT(header.mode) not in (stat.S_IFDIR, stat.S_IFREG):
            raise Refused(
                "%(name)s is neither a regular file nor a directory.",
                name=header.name,
            )
        return Node("", header)

    def _inside(self, name: str) -> str | None:
        """The path below the root; None for what is not plainly there."""
        head = f"{self._root}/"
        path = name[len(head) :].rstrip("/") if name.startswith(head) else ""
        steps = path.split("/")
        return None if "\0" in path or {"", ".", ".."} & set(steps) else path

    def _below_closed(self, path: str) -> bool:
        while path:
            if path in self._closed:
                return True
            path = posixpath.dirname(path)
        return False

    def _close(self, path: str) -> None:
        if len(self._closed) >= MOST_CLOSED:
            raise EngineError(
                "There are more than %(most)d links and special files.",
                most=MOST_CLOSED,
            )
        self._closed.add(path)

    def _node(self, path: str, header: Header) -> Node | None:
        if header.is_hard_link:
            first = self._inside(header.link)
            return None if first is None or self._below_closed(first) else Node(path, header, first)
        kind = stat.S_IFMT(header.mode)
        if kind == stat.S_IFLNK:
            return Node(path, header, header.link) if stays_inside(path, header.link) else None
        return Node(path, header) if kind in (stat.S_IFREG, stat.S_IFDIR) else None


def stays_inside(path: str, target: str) -> bool:
    """Whether a symbolic link at ``path`` leads to somewhere in the tree, by its words alone."""
    if not target or target.startswith("/") or "\0" in target:
        return False
    end = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return end != ".." and not end.startswith("../")
