"""Quotas: how many containers, volumes and networks, how much memory and CPU a team may have on a
host. All of a team's own containers count, stopped ones too, with their limits.

Whoever makes one takes the room first and keeps it until it is counted itself, so two at once never
share it.
"""

import threading
from collections import defaultdict
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, fields, replace

from django.utils.translation import gettext as _

from access import holdings
from access.book import book
from access.errors import OverQuota
from access.policy import Limits
from access.remedies import remedy
from engine.errors import EngineError, NotFound
from engine.specs import ContainerSpec
from engine.types import ContainerRow
from hosts.live import engine_of

BILLION = 10**9
MOST_LOOKED_AT, LOOK_SECONDS = 20, 2
CPU_PERIOD = 100_000  # microseconds, where a spec names none
Key = tuple[int, str]  # team, host


@dataclass(frozen=True, slots=True)
class Amount:
    """Bytes, and billionths of a CPU."""

    containers: int = 0
    memory: int = 0
    nano_cpus: int = 0
    volumes: int = 0
    networks: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(*(getattr(self, name) + getattr(other, name) for name in FIELDS))


FIELDS = tuple(each.name for each in fields(Amount))
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # of each host
_taken: dict[Hashable, tuple[Key, Amount]] = {}
_replaced: dict[Hashable, str] = {}  # ids that count as what takes their place


def limited(spec: ContainerSpec, limits: Limits) -> ContainerSpec:
    """The spec with a limit for all that its team has a limit of."""
    if limits.memory is not None and spec.memory <= 0:
        spec = replace(spec, memory=limits.memory_each)
    if limits.nano_cpus is not None and cpus_of(spec) <= 0:
        spec = replace(spec, nano_cpus=limits.nano_cpus_each, cpu_quota=0, cpu_period=0)
    return spec


def cpus_of(spec: ContainerSpec) -> int:
    if spec.nano_cpus > 0 or spec.cpu_quota <= 0:
        return spec.nano_cpus
    return spec.cpu_quota * BILLION // (spec.cpu_period or CPU_PERIOD)


def amount_of(host: str, spec: ContainerSpec, limits: Limits) -> Amount:
    each = limited(spec, limits)
    volumes = 0 if limits.volumes is None else holdings.new_volumes(host, spec)
    return Amount(1, each.memory, cpus_of(each), volumes)


def counted(row: ContainerRow, limits: Limits) -> Amount:
    """What a container counts as; one without a limit as what it would get today."""
    cpus = round(row.cpu_limit * BILLION)
    return Amount(1, row.memory_limit or limits.memory_each, cpus or limits.nano_cpus_each)


def use(team_id: int, host: str, without: str = "") -> Amount:
    """What the team has there now, with what is being made; ``without`` a container by its id. Of
    volumes and networks only those that are being made: ``holdings`` has the others."""
    held = book()
    limits = held.limits(team_id, host)
    try:
        rows = engine_of(host).mirror.snapshot.containers
    except NotFound:
        rows = {}
    apart = {without, *list(_replaced.values())}
    own = [
        id
        for (at, id), owner in held.owners.items()
        if (at, owner) == (host, team_id) and id not in apart
    ]
    found = [counted(row, limits) for row in known(host, [rows[id] for id in own if id in rows])]
    coming = [amount for key, amount in list(_taken.values()) if key == (team_id, host)]
    return sum([*found, *coming], Amount())


def known(host: str, rows: list[ContainerRow]) -> Iterator[ContainerRow]:
    """A limit is told by an inspect only: of the newest, which the mirror has yet to make, now."""
    new = [row for row in rows if not row.inspected][-MOST_LOOKED_AT:]
    for row in rows:
        if row in new:
            with suppress(EngineError):
                yield engine_of(host).commands.container(row.id, LOOK_SECONDS)
                continue
        yield row


def take(
    team_id: int | None,
    host: str,
    spec: ContainerSpec,
    key: Hashable = None,
    instead_of: ContainerRow | None = None,
) -> AbstractContextManager[None]:
    """Room for one more container, given back by the end of the block that enters the answer, or
    by ``release`` with the ``key``. Raises OverQuota.

    ``instead_of`` is one that it takes the place of: until then the two count as one, as the
    larger of them, so that there is room for either end.
    """
    key = key or object()
    if team_id is not None:
        with _locks[host]:
            check(team_id, host, spec, instead_of.id if instead_of else "")
            limits = book().limits(team_id, host)
            amount = amount_of(host, spec, limits)
            if instead_of is not None:
                amount = larger(amount, next(iter(known(host, [instead_of])), instead_of), limits)
                _replaced[key] = instead_of.id
            _taken[key] = (team_id, host), amount
    return released(key)


def grow(team_id: int | None, host: str, more: Amount) -> AbstractContextManager[None]:
    """Room for more of what the team has there, held by the block. Raises OverQuota."""
    key = object()
    if team_id is not None:
        with _locks[host]:
            check_room(team_id, host, more)
            _taken[key] = (team_id, host), more
    return released(key)


def larger(amount: Amount, row: ContainerRow, limits: Limits) -> Amount:
    old = counted(row, limits)
    most = (max(amount.memory, old.memory), max(amount.nano_cpus, old.nano_cpus))
    return replace(old, memory=most[0], nano_cpus=most[1], volumes=amount.volumes)


@contextmanager
def released(key: Hashable) -> Iterator[None]:
    try:
        yield
    finally:
        release(key)


def release(key: Hashable) -> None:
    _taken.pop(key, None)
    _replaced.pop(key, None)


def check(team_id: int | None, host: str, spec: ContainerSpec, without: str = "") -> None:
    """Raises OverQuota where there is no room now, for the first that it breaks; ``without`` is
    the id of one that it takes the place of."""
    if team_id is not None:
        check_room(team_id, host, amount_of(host, spec, book().limits(team_id, host)), without)


def check_room(team_id: int, host: str, more: Amount, without: str = "") -> None:
    """The same of an amount; what does not grow is not asked for."""
    limits = book().limits(team_id, host)
    asked = [name for name in FIELDS if getattr(more, name) > 0]
    asked = [name for name in asked if getattr(limits, name) is not None]
    if not asked:
        return
    has = use(team_id, host, without) + Amount(**holdings.counts(team_id, host, asked))
    then = has + more
    for field in asked:
        most = getattr(limits, field)
        if getattr(then, field) > most:
            words = _("the team has %(has)s of %(most)s here: there is no room for %(more)s more.")
            told = {
                "has": shown(field, getattr(has, field)),
                "more": shown(field, getattr(more, field)),
                "most": shown(field, most),
            }
            raise OverQuota(field, words % told, remedy("containers", host, beyond=False))


def shown(field: str, value: int) -> str:
    """``512 MiB``, ``1.5 CPUs``, or a plain number."""
    if field == "memory":
        return _("%(size)s MiB") % {"size": f"{value / 2**20:.10g}"}
    return f"{value / BILLION:.10g}" if field == "nano_cpus" else str(value)
