"""In which order files are listed, and whether those whose names begin with a dot are. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.types import FileEntry

Key = Callable[[FileEntry], Any]
KEYS: Mapping[str, Key] = {
    "name": lambda entry: entry.name,
    "size": lambda entry: entry.size,
    "changed": lambda entry: entry.mtime,
}
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), ""),
    ("size", _("Size"), "num"),
    ("", _("Mode"), ""),
    ("", _("Owner"), "hide-m"),
    ("changed", _("Changed"), ""),
)
FIRST_DOWN = ("size", "changed")  # the largest and the newest are what one looks for


@dataclass(frozen=True, slots=True)
class FileColumn:
    """``query`` asks for that order, with its path before it; "" where it has none. ``order``:
    ascending or descending, where it is the one."""

    name: str
    label: Promise
    css: str
    query: str
    order: str


@dataclass(frozen=True, slots=True)
class FileOrder:
    """``sort`` is a column, with ``-`` in front for descending; ``dots``: with hidden files."""

    sort: str = "name"
    dots: bool = True

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "FileOrder":
        sort = asked.get("sort", "")
        return cls(sort if sort.removeprefix("-") in KEYS else "name", asked.get("dots") != "0")

    @property
    def kept(self) -> str:
        """What an address of another folder has behind its path."""
        return self.query(self.sort, self.dots)

    @property
    def turned(self) -> str:
        """The same with hidden files, or without them."""
        return self.query(self.sort, not self.dots)

    @property
    def fields(self) -> list[tuple[str, str]]:
        return self.pairs(self.sort, self.dots)

    @staticmethod
    def pairs(sort: str, dots: bool) -> list[tuple[str, str]]:
        named = [("sort", sort)] if sort != "name" else []
        return named if dots else [*named, ("dots", "0")]

    def query(self, sort: str, dots: bool) -> str:
        pairs = self.pairs(sort, dots)
        return f"&{urlencode(pairs)}" if pairs else ""

    def context(self, entries: Iterable[FileEntry]) -> dict[str, Any]:
        """``entries`` as they are shown, and how many of all are hidden ones."""
        found = list(entries)
        dotted = sum(entry.name.startswith(".") for entry in found)
        return {"entries": self.arranged(found), "dotted": dotted, "order": self}

    def arranged(self, entries: Iterable[FileEntry]) -> list[FileEntry]:
        """Folders first, whatever the order."""
        shown = [entry for entry in entries if self.dots or not entry.name.startswith(".")]
        down = self.sort.startswith("-")
        found = sorted(shown, key=KEYS["name"])
        found.sort(key=KEYS[self.sort.removeprefix("-")], reverse=down)
        return sorted(found, key=lambda entry: not entry.is_dir)

    def columns(self) -> list[FileColumn]:
        return [self.column(*each) for each in COLUMNS]

    def column(self, name: str, label: Promise, css: str) -> FileColumn:
        if not name:
            return FileColumn(name, label, css, "", "")
        down, current = self.sort.startswith("-"), self.sort.removeprefix("-") == name
        turned = not down if current else name in FIRST_DOWN
        order = ("descending" if down else "ascending") if current else ""
        dots = [] if self.dots else [("dots", "0")]
        asked = urlencode([("sort", "-" * turned + name), *dots])
        return FileColumn(name, label, css, f"&{asked}", order)
