"""A tree of plain values as YAML that every reader, of 1.1 and of 1.2, reads as meant. Pure.

What could be anything but a text to some reader (``no``, ``8080:80``, ``1e3``) is quoted.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Lines = Iterable[str]

# Begins with a letter or a slash, so it is no number, no time and no list.
_PLAIN = re.compile(r"[A-Za-z/][\w./@+-]*(?::[\w./@+-]+)*", re.ASCII)
_NO_TEXTS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPED = re.compile(
    r'["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONGEST_KEY = 500  # a reader looks for the colon no further than a thousand characters


class Inline(tuple[str, ...]):
    """Texts that are written on one line, as the words of a command are."""

    __slots__ = ()


def yaml_text(tree: Mapping[str, Any]) -> str:
    """Mappings, lists, texts, whole numbers, decimals and truth values; ends with a line end."""
    return "".join(f"{line}\n" for line in _mapping(tree))


def _mapping(tree: Mapping[str, Any]) -> Lines:
    for key, value in tree.items():
        name = scalar(key)
        if len(name) > _LONGEST_KEY:
            yield f"? {name}"
            name = ""
        yield from _below(f"{name}:", value)


def _below(head: str, value: Any) -> Lines:
    """``head`` and its value: beside it where that is one line, else below and further in."""
    if isinstance(value, Mapping) and value:
        yield head
        yield from (f"  {line}" for line in _mapping(value))
    elif isinstance(value, list | tuple) and value and not isinstance(value, Inline):
        yield head
        for item in value:
            yield from (f"  {line}" for line in _item(item))
    else:
        yield f"{head} {scalar(value)}"


def _item(value: Any) -> Lines:
    if not isinstance(value, Mapping) or not value:
        yield f"- {scalar(value)}"
        return
    for place, line in enumerate(_mapping(value)):
        yield f"  {line}" if place else f"- {line}"


def scalar(value: Any) -> str:
    """One value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(quoted, value))}]"
    plain = _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXTS
    return value if plain else quoted(value)


def quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or (f"\\x{ord(char):02x}" if char < "\x80" else f"\\u{ord(char):04x}")
