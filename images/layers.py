"""The engine's progress objects of a pull or push → rows, bytes and lines of a job's progress."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobs.progress import Part, Progress

_MOVING = ("Downloading", "Pushing")
_MOVED = ("Verifying Checksum", "Download complete", "Extracting")
_DONE = ("Pull complete", "Pushed", "Already exists", "Layer already exists", "Mounted from")
_HEADLINES = ("Pulling from", "Trying to pull")


def show(progress: Progress, item: Mapping[str, Any]) -> None:
    """Take in one object. One without an id, or the headline (its id is the tag), is a line."""
    id, status = str(item.get("id") or ""), str(item.get("status") or "")
    if not id or status.startswith(_HEADLINES):
        if status:
            progress.line(status)
        return
    detail = item.get("progressDetail") or {}
    current, total = number(detail.get("current")), number(detail.get("total"))
    before = progress.part(id) or Part(id, "")
    progress.put(step(before, status, min(current, total) if total else current, total))


def step(before: Part, status: str, current: int, total: int) -> Part:
    """One layer after one object. ``current`` and ``total`` are of this phase alone."""
    size, moved, done = before.size, before.moved, status.startswith(_DONE)
    if status.startswith(_MOVING):
        size, moved = total or size, current
    elif status.startswith(_MOVED) or done:
        size = moved = size or total
    return replace(
        before, status=status, current=current, total=total, size=size, moved=moved, done=done
    )


def number(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0
