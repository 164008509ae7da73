"""A folder of a container, an image or a volume as the JSON API tells it."""

import posixpath
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from containers.directory import FileKind, kind_of, normal
from engine.archive import Listing
from engine.types import FileEntry
from web.operations import Out
from web.paging import page
from web.typed import PAGE, Cursor, Limit, Words


class FolderAsked(Schema):
    """What each operation that lists a folder is asked with."""

    path: Annotated[Words, Field(description="A folder, absolute; links are followed.")] = "/"
    cursor: Cursor = ""
    limit: Limit = PAGE


class FileOut(Out):
    """``size`` in bytes, 0 for all but files; ``mode`` the permissions in octal digits;
    ``link_target`` as it is written in a link, "" for what is none."""

    path: str
    name: str
    kind: FileKind
    size: int
    mode: str
    mtime: datetime
    owner: str
    group: str
    link_target: str


class FolderOut(Out):
    """``partial``: it holds more than the 5,000 that are listed, or could be listed in time."""

    path: str
    items: list[FileOut]
    next: str | None
    partial: bool


def folder(asked: FolderAsked, listed: Callable[[str], Listing]) -> FolderOut:
    """One page of it, folders first. ``listed`` gives what is at a path."""
    path = normal(asked.path)
    found = listed(path)
    some, rest = page(found.entries, place, asked.cursor, asked.limit)
    items = [told_file(entry, path) for entry in some]
    return FolderOut(path=path, items=items, next=rest, partial=found.partial)


def place(entry: FileEntry) -> tuple[str, ...]:
    return "0" if entry.is_dir else "1", entry.name


def told_file(entry: FileEntry, folder: str) -> FileOut:
    name = whole_text(entry.name)
    return FileOut(
        path=posixpath.join(folder, name),
        name=name,
        kind=kind_of(entry),
        size=0 if entry.is_link or entry.is_dir else entry.size,
        mode=f"{entry.mode & 0o7777:04o}",
        mtime=entry.mtime,
        owner=whole_text(entry.owner),
        group=whole_text(entry.group),
        link_target=whole_text(entry.link_target),
    )


def whole_text(name: str) -> str:
    """What no JSON can hold stands as U+FFFD: names are bytes where they come from."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
