"""Which kinds of jobs there are. A feature registers its own in ``AppConfig.ready()``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from access.actors import Actor
from access.at_once import What
from access.targets import Target
from jobs.progress import MOST_LINES, Progress

Params = Mapping[str, Any]
Link = tuple[str, str]  # address, label


@dataclass(frozen=True, slots=True)
class Order:
    """What one job is about. ``key`` joins: the same kind, host and key run once at a time."""

    key: str
    title: str
    target: Target
    command_line: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What the running function gets. It returns its result: plain values for the page."""

    host: str
    params: Params
    progress: Progress
    user_id: str = ""


def no_links(host: str, result: Mapping[str, Any]) -> list[Link]:
    return []


def nothing(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """Most jobs leave nothing that belongs to somebody."""


def no_more(actor: Actor, host: str, params: Params) -> None:
    """Most jobs need their right and nothing else."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` is the right and the audit event. ``order`` reads params and authorises nothing;
    ``links`` is where a result leads, from the host and the result. ``settle`` writes whose the
    result is, for those who asked for it, in the transaction of the record's row. ``check``
    raises Denied where more than the right is missing: asked at each start, a retry's too.
    """

    name: str
    title: str | Promise  # one word: "Pull"
    run: Callable[[Work], Awaitable[dict[str, Any]]] = field(repr=False)
    order: Callable[[str, Params], Order] = field(repr=False)
    links: Callable[[str, Mapping[str, Any]], list[Link]] = field(default=no_links, repr=False)
    most_per_person: int = 2
    most_lines: int = MOST_LINES  # of its log that are kept
    settle: Callable[[str, Params, Mapping[str, Any], Sequence[int]], None] = field(
        default=nothing, repr=False
    )
    check: Callable[[Actor, str, Params], None] = field(default=no_more, repr=False)
    whole: bool = False  # it tells of everybody's things: for those alone who see the whole host
    takes: What | None = None  # a place of the person's team for as long as it runs


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind_of(name: str) -> Kind:
    return _kinds[name]
