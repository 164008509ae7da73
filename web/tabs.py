"""The tabs above the body of a page: what ``nav.tabs`` shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Tab:
    url: str
    label: str | Promise
    current: bool


def tabs(parts: Iterable[tuple[str, str, str | Promise]], current: str) -> list[Tab]:
    """``parts`` are url names, addresses and labels; ``current`` is the name of the open one."""
    return [Tab(url, label, name == current) for name, url, label in parts]
