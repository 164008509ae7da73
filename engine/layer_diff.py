"""What a container has written over its image: the engine's answer, piece by piece, and the paths
in order, so that a folder of any size is found without a walk. Pure.
"""

import codecs
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from engine.errors import EngineError

CHANGED, ADDED, DELETED = range(3)  # the engine's numbers
Kind = Literal["changed", "added", "deleted"]
KINDS: tuple[Kind, ...] = ("changed", "added", "deleted")
LONGEST_ITEM = 1 << 20  # characters; a path has 4,096 bytes at most
Change = tuple[str, int]
_AFTER_SLASH = chr(ord("/") + 1)  # every path below a folder sorts before folder + this


class DiffParser:
    """Bytes of the engine's array → its paths. ``null`` is an empty one."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._json = json.JSONDecoder()
        self._rest = ""

    def feed(self, data: bytes) -> list[Change]:
        """Those that are whole by now. Raises EngineError for what is no such answer."""
        text, at, found = self._rest + self._decoder.decode(data), 0, list[Change]()
        while (begin := text.find("{", at)) >= 0:
            try:
                item, at = self._json.raw_decode(text, begin)
            except ValueError:  # its end is not here yet
                break
            found.append(change_of(item))
        self._rest = text[begin:] if begin >= 0 else ""
        if len(self._rest) > LONGEST_ITEM:
            raise EngineError("The engine's list of changed paths cannot be read.")
        return found


def change_of(item: object) -> Change:
    try:
        path, kind = str(item["Path"]), int(item["Kind"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError("The engine's list of changed paths cannot be read.") from error
    if kind not in range(len(KINDS)):
        raise EngineError(f"The engine tells of an unknown kind of change: {kind}.")
    return path, kind


@dataclass(frozen=True, slots=True)
class Counts:
    changed: int = 0
    added: int = 0
    deleted: int = 0

    @property
    def all(self) -> int:
        return self.changed + self.added + self.deleted


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder; ``kind`` is None where only something below it differs. ``below`` counts
    what differs further down: where that is nothing it may be a file or an empty folder."""

    name: str
    path: str
    kind: int | None
    below: Counts


@dataclass(frozen=True)
class Written:
    """``paths`` in the order of their characters, with the ``kinds`` beside them. ``partial``: the
    engine knows of more. ``at`` is when it was asked; ``size`` in characters, of all paths."""

    at: datetime
    paths: tuple[str, ...]
    kinds: bytes
    partial: bool = False
    size: int = 0

    @classmethod
    def of(cls, at: datetime, found: dict[str, int], partial: bool = False) -> "Written":
        paths = tuple(sorted(found))
        kinds, size = bytes(found[path] for path in paths), sum(map(len, paths))
        return cls(at, paths, kinds, partial, size)

    @cached_property
    def counts(self) -> Counts:
        return self._counts(0, len(self.paths))

    def items(self) -> Iterator[Change]:
        return zip(self.paths, self.kinds, strict=True)

    def kind_of(self, path: str) -> int | None:
        at = bisect_left(self.paths, path)
        return self.kinds[at] if self.paths[at : at + 1] == (path,) else None

    def narrowed(self, q: str = "", kind: int | None = None) -> "Written":
        """Of the paths that hold ``q``, whatever its case, those of one ``kind``, or all."""
        if not q and kind is None:
            return self
        wanted = q.casefold()
        kept = {
            path: each
            for path, each in self.items()
            if kind in (None, each) and wanted in path.casefold()
        }
        return Written.of(self.at, kept, self.partial)

    def names(self, path: str) -> list[str]:
        """What differs directly below ``path``, in order."""
        prefix = path.rstrip("/") + "/"
        at, end = self._range(prefix)
        names = set[str]()
        while at < end:
            rest = self.paths[at][len(prefix) :]
            name, slash, _below = rest.partition("/")
            names.add(name)
            at = self._range(f"{prefix}{name}/")[1] if slash else at + 1
        return sorted(names)

    def folder(self, path: str, names: Iterable[str] | None = None) -> Iterator[Entry]:
        """The same as entries: all, or those of ``names``."""
        for name in self.names(path) if names is None else names:
            yield self._entry(f"{path.rstrip('/')}/{name}", name)

    def _entry(self, path: str, name: str) -> Entry:
        return Entry(name, path, self.kind_of(path), self._counts(*self._range(f"{path}/")))

    def _range(self, prefix: str) -> tuple[int, int]:
        begin = bisect_left(self.paths, prefix)
        return begin, bisect_left(self.paths, prefix[:-1] + _AFTER_SLASH, begin)

    def _counts(self, begin: int, end: int) -> Counts:
        part = self.kinds[begin:end]
        return Counts(*(part.count(kind) for kind in range(len(KINDS))))
