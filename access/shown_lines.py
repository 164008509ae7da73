"""The equal command lines of what one request has changed, for the answer that says so.

A view begins the list, the door adds to it, and the threads and tasks that a request starts share
it: they run in copies of its context, which hold the same list.
"""

from contextvars import ContextVar

_lines: ContextVar[list[str] | None] = ContextVar("lines", default=None)


def begin() -> None:
    _lines.set([])


def add(line: str) -> None:
    """Of a change that was carried out; nothing where no view asks for it."""
    lines = _lines.get()
    if lines is not None and line:
        lines.append(line)


def lines() -> tuple[str, ...]:
    return tuple(_lines.get() or ())
