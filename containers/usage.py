"""The numbers of a list's rows, live: of those that somebody has on the screen."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple

from access.actors import Actor
from access.errors import Denied
from access.gate import authorize
from access.sight import seen, sees_all
from access.targets import Target
from containers.usage_sum import Sums
from engine.errors import NotFound
from engine.meter import Look, Reading
from engine.threads import door
from hosts.live import engine_of

MOST = 200  # rows that one page asks for by name
MOST_LOOKS = 100  # of a person; a page has two
SHORT = 12
ALL, SUM = "all", "sum"
CHECK_SECONDS = 2.0
Told = dict[str, int]  # id → how many shares of its CPU were told
_looks: Counter[int] = Counter()  # by person: each is judged anew every other second


class Wanted(NamedTuple):
    """Full ids; whether the host has containers that this person does not see."""

    ids: frozenset[str]
    part: bool


async def follow(actor: Actor, host: str, asked: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``usage:<host>:<short ids>``: ``rows`` of those, first all that is known, then what is
    new. Or ``usage:<host>:all``, for lists that are sorted or filtered by it: says only that there
    is news, the list is fetched by GET. Or ``usage:<host>:sum``: what all that run use together.
    What the person may not see (any more) is left out.
    """
    who = actor.user_id or 0
    if _looks[who] >= MOST_LOOKS:
        return
    _looks[who] += 1
    try:
        async with aclosing(followed(actor, host, asked)) as news:
            async for told in news:
                yield told
    finally:
        _looks[who] -= 1


async def followed(actor: Actor, host: str, asked: str) -> AsyncGenerator[dict[str, Any]]:
    look, told, sums = Look(), Told(), Sums()
    wanted = await door.run(seen_of, actor, host, asked)
    if wanted is None:
        return
    look.ids, checked = wanted.ids, time.monotonic()
    async with aclosing(engine_of(host).meter.watch(look)) as news:
        async for readings in news:
            if time.monotonic() - checked > CHECK_SECONDS:
                if (wanted := await door.run(seen_of, actor, host, asked)) is None:
                    return
                look.ids, checked = wanted.ids, time.monotonic()
            if asked == ALL:
                yield {"event": "usage-swept", "host": host}
            elif asked == SUM:
                if (use := sums.due(readings, wanted.ids)) is not None:
                    yield {"event": "usage-sum", "host": host, "part": wanted.part} | use
            elif rows := fresh(readings, wanted.ids, told):
                yield {"event": "usage", "host": host, "rows": rows}


def seen_of(actor: Actor, host: str, asked: str) -> Wanted | None:
    """Of what was asked for, what may be seen; None where not even the host may."""
    try:
        snapshot = engine_of(host).mirror.snapshot
        authorize(actor, "host.see", Target("host", host, host, host))
    except (Denied, NotFound):
        return None
    rows, part = seen(actor, host, snapshot).containers, not sees_all(actor, host)
    if asked in (ALL, SUM):
        return Wanted(frozenset(id for id, row in rows.items() if row.state == "running"), part)
    short = frozenset(asked.split(",")[:MOST])
    return Wanted(frozenset(id for id in rows if id[:SHORT] in short), part)


def fresh(
    readings: Mapping[str, Reading], ids: frozenset[str], told: Told
) -> dict[str, list[float] | None]:
    """Short id → [memory, its limit, 1 where nothing of it was told yet, else 0, then the shares of
    the CPU that were not told …]; null: it does not run any more."""
    rows: dict[str, list[float] | None] = {}
    for id in ids:
        reading = readings.get(id)
        if reading is None:
            if told.pop(id, None) is not None:
                rows[id[:SHORT]] = None
        elif (before := told.get(id)) != reading.count:
            new = min(len(reading.trail), reading.count - (before or 0))
            shares = reading.trail[len(reading.trail) - new :]
            rows[id[:SHORT]] = [
                reading.memory,
                reading.memory_limit,
                int(before is None),
                *shares,
            ]
            told[id] = reading.count
    return rows
