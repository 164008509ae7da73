"""Where two inspect answers differ. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from web.inspect_tree import step

MOST = 500
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place; ``None`` where that side has nothing. ``path`` is as ``-f`` takes it."""

    path: str
    left: str | None
    right: str | None


def differences(left: Any, right: Any, path: str = "") -> Iterator[Difference]:
    """In the order of the left side, then what only the right one has.

    An environment counts as a set, for its order says nothing; of other plain lists it does.
    """
    if isinstance(left, dict | list) and is_nothing(right):
        right = type(left)()
    elif isinstance(right, dict | list) and is_nothing(left):
        left = type(right)()
    if isinstance(left, dict) and isinstance(right, dict):
        for key in dict.fromkeys([*left, *right]):
            below = path + step(key)
            yield from differences(left.get(key, _ABSENT), right.get(key, _ABSENT), below)
    elif isinstance(left, list) and isinstance(right, list):
        yield from of_lists(left, right, path)
    elif is_nothing(left) and is_nothing(right):
        return
    elif left != right or type(left) is not type(right):
        yield Difference(path, text_of(left), text_of(right))


def of_lists(left: list[Any], right: list[Any], path: str) -> Iterator[Difference]:
    both = [*left, *right]
    if any(isinstance(item, dict | list) for item in both):
        for at in range(max(len(left), len(right))):
            ours, its = (side[at] if at < len(side) else _ABSENT for side in (left, right))
            yield from differences(ours, its, f"{path}[{at}]")
    elif both and all(isinstance(item, str) and "=" in item for item in both):
        ours, its = set(left), set(right)  # an image may bring thousands of variables
        yield from (Difference(path, item, None) for item in left if item not in its)
        yield from (Difference(path, None, item) for item in right if item not in ours)
    elif left != right:
        yield Difference(path, text_of(left), text_of(right))


def is_nothing(value: Any) -> bool:
    """Absent, null and empty are one to the engine, which writes now this, now that."""
    return value is _ABSENT or value is None or value in ("", [], {})


def text_of(value: Any) -> str | None:
    if is_nothing(value):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
