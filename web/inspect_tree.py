"""An inspect answer as a tree to read and to search. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_]\w*")
OPEN_DEPTH = 1
OPEN_CHILDREN = 40


@dataclass(frozen=True, slots=True)
class Node:
    """A key with its value: ``text`` of a leaf, or ``children``. ``path`` is as ``-f`` takes it."""

    key: str
    path: str
    text: str = ""
    kind: str = "str"  # str, lit (numbers, true, false, null) or branch
    children: tuple["Node", ...] = ()
    open: bool = False

    @property
    def size(self) -> int:
        return len(self.children)


def tree(value: Any, wanted: str = "") -> tuple[Node, ...]:
    """The top level of ``value``; with ``wanted`` only what has it in path or text, all open."""
    nodes = tuple(children(value, "", 0))
    if not wanted:
        return nodes
    return tuple(kept for node in nodes if (kept := narrowed(node, wanted.casefold())))


def children(value: Any, path: str, depth: int) -> Iterator[Node]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        yield node(str(key), item, f"{path}{step(key)}", depth)


def step(key: str | int) -> str:
    """One step of a path: ``.State``, ``[0]`` or ``["80/tcp"]``."""
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _PLAIN.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"


def node(key: str, value: Any, path: str, depth: int) -> Node:
    if isinstance(value, dict | list) and value:
        below = tuple(children(value, path, depth + 1))
        shown = depth < OPEN_DEPTH and len(below) <= OPEN_CHILDREN
        return Node(key, path, kind="branch", children=below, open=shown)
    if isinstance(value, str):
        return Node(key, path, value)
    return Node(key, path, json.dumps(value), "lit")


def narrowed(node: Node, wanted: str) -> Node | None:
    """The node with only the branches that have ``wanted`` in path or text."""
    if node.kind != "branch":
        return node if wanted in f"{node.path}\n{node.text}".casefold() else None
    if wanted in node.path.casefold():
        return replace(node, open=True)
    below = tuple(kept for child in node.children if (kept := narrowed(child, wanted)))
    return replace(node, children=below, open=True) if below else None


def leaves(nodes: tuple[Node, ...]) -> int:
    return sum(leaves(node.children) if node.kind == "branch" else 1 for node in nodes)
