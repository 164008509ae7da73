"""What a container has written, as a tree to look at: small folders whole, large ones when they are
opened, the widest in parts. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.layer_diff import ADDED, CHANGED, DELETED, Counts, Entry, Written

MARKS: Mapping[int | None, str] = {CHANGED: "C", ADDED: "A", DELETED: "D"}  # as `docker diff`
LABELS: Mapping[str, Promise] = {"C": _("Changed"), "A": _("Added"), "D": _("Deleted")}
MOST_SIBLINGS = 500  # rows of a folder at a time
WHOLE = 200  # rows below the folders of one level that come with it
DEEPEST = 8  # of these
OPEN = 50  # where all of it is no more than that, its folders are open


@dataclass(frozen=True, slots=True)
class Node:
    """One name; ``mark`` is "" where only something below it differs. ``level`` is what is in a
    folder, None where that comes when it is opened."""

    name: str
    path: str
    mark: str
    below: Counts
    level: "Level | None" = None
    open: bool = False

    @property
    def label(self) -> Promise | str:
        return LABELS.get(self.mark, "")

    @property
    def is_folder(self) -> bool:
        return self.below.all > 0

    @property
    def is_there(self) -> bool:
        return self.mark != MARKS[DELETED]


@dataclass(frozen=True, slots=True)
class Level:
    """A folder's rows; ``left`` more come behind ``last``."""

    path: str
    nodes: tuple[Node, ...]
    left: int = 0

    @property
    def last(self) -> str:
        return self.nodes[-1].name


def level(written: Written, path: str, after: str = "") -> Level:
    """What is to be seen of the folder ``path`` at once, behind the name ``after``."""
    names = [name for name in written.names(path) if name > after]
    shown = list(written.folder(path, names[:MOST_SIBLINGS]))
    room, nodes = WHOLE, []
    open = sum(each.below.all for each in shown) + len(shown) <= OPEN
    for each in shown:
        whole = each.below.all <= room
        room -= each.below.all if whole else 0
        nodes.append(node(written, each, DEEPEST if whole else 0, open))
    return Level(path, tuple(nodes), len(names) - len(shown))


def node(written: Written, entry: Entry, depth: int, open: bool) -> Node:
    mark = MARKS.get(entry.kind, "")
    if not entry.below.all or not depth:
        return Node(entry.name, entry.path, mark, entry.below)
    inner = (node(written, each, depth - 1, open) for each in written.folder(entry.path))
    return Node(entry.name, entry.path, mark, entry.below, Level(entry.path, tuple(inner)), open)
