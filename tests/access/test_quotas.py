"""Quotas: what a team may have in sum and at a time; two at once never share the same room."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from access import at_once, quotas
from access.book import Book, Rule
from access.errors import OverQuota
from access.models import Selector
from access.policy import Limits
from access.roles import Role
from engine.command_line import from_line
from engine.specs import ContainerSpec
from tests.access.people import actor, user
from tests.runtime import runtime as runtime

GIB = 2**30
CREW, OTHERS, BOB = 7, 8, 3


def rule(team_id: int) -> Rule:
    rights = frozenset({"container.create", "container.see"})
    common = {"selector": Selector.OWNED, "value": "", "until": None, "fits": lambda row: False}
    return Rule(team_id, team_id, f"t{team_id}", "dock", Role.DEVELOPER, rights=rights, **common)  # type: ignore[arg-type]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """``world(limits, rows)``: a team of these limits with these containers, no database."""

    def make(limits: Limits, *rows: SimpleNamespace, others: Limits | None = None) -> None:
        owners = {("dock", row.id): row.team for row in rows}
        held = Book(
            {CREW: (rule(CREW),), OTHERS: (rule(OTHERS),)},
            {BOB: frozenset({CREW, OTHERS} if others else {CREW})},
            owners,
            {},
            {},
            {(CREW, "dock"): limits, (OTHERS, "dock"): others or Limits()},
        )
        snapshot = SimpleNamespace(containers={row.id: row for row in rows if row.there})
        engine = SimpleNamespace(mirror=SimpleNamespace(snapshot=snapshot))
        for module in (quotas, at_once):
            monkeypatch.setattr(module, "book", lambda: held)
        monkeypatch.setattr(quotas, "engine_of", lambda host: engine)

    yield make
    quotas._taken.clear()
    at_once._busy.clear()


def box(
    id: str, memory: int = 0, cpus: float = 0.0, team: int = CREW, there: bool = True
) -> SimpleNamespace:
    return SimpleNamespace(
        id=id, memory_limit=memory, cpu_limit=cpus, team=team, there=there, inspected=True
    )


def spec(words: str = "") -> ContainerSpec:
    return from_line(f"docker run {words} busybox").spec


def test_without_a_limit_it_gets_what_its_team_gives_it() -> None:
    limits = Limits(memory=GIB, nano_cpus=4 * 10**9, nano_cpus_each=10**9, memory_each=2**29)
    made = quotas.limited(spec(), limits)
    assert (made.memory, made.nano_cpus) == (2**29, 10**9)
    asked = quotas.limited(spec("--memory 64m --cpus 0.5"), limits)
    assert (asked.memory, asked.nano_cpus) == (2**26, 5 * 10**8)
    by_quota = quotas.limited(spec("--cpu-quota 50000"), limits)
    assert (by_quota.nano_cpus, by_quota.cpu_quota) == (0, 50_000)
    endless = quotas.limited(replace(spec(), cpu_quota=-1, memory=-1), limits)
    assert (endless.nano_cpus, endless.cpu_quota, endless.memory) == (10**9, 0, 2**29)
    assert quotas.limited(spec(), Limits(containers=3)) == spec()


def test_a_cpu_quota_counts_as_the_cpus_that_it_is() -> None:
    assert quotas.cpus_of(spec("--cpu-quota 50000")) == 5 * 10**8
    assert quotas.cpus_of(spec("--cpu-quota 50000 --cpu-period 25000")) == 2 * 10**9
    assert quotas.cpus_of(spec("--cpus 1.5")) == 15 * 10**8


@pytest.mark.parametrize(
    ("limits", "words", "field"),
    [
        (Limits(containers=2), "", "containers"),
        (Limits(containers=3), "", ""),
        (Limits(memory=GIB), "--memory 257m", "memory"),
        (Limits(memory=GIB), "--memory 256m", ""),
        (Limits(memory=GIB), "", "memory"),
        (Limits(memory=2 * GIB), "", ""),
        (Limits(nano_cpus=3 * 10**9), "--cpus 1.01", "nano_cpus"),
        (Limits(nano_cpus=3 * 10**9), "--cpus 1", ""),
        (Limits(nano_cpus=3 * 10**9), "--cpu-quota 200000", "nano_cpus"),
        (Limits(), "--memory 900g --cpus 64", ""),
    ],
)
def test_the_sum_of_what_the_team_has_and_what_it_wants_is_judged(
    world: Callable[..., None], limits: Limits, words: str, field: str
) -> None:
    """Two of its own, one without limits; another team's and one that is gone do not count."""
    world(
        limits,
        box("a", memory=GIB // 4, cpus=1.0),
        box("b"),
        box("c", memory=64 * GIB, team=OTHERS),
        box("d", memory=64 * GIB, there=False),
    )
    if not field:
        return quotas.check(CREW, "dock", spec(words))
    with pytest.raises(OverQuota) as refused:
        quotas.check(CREW, "dock", spec(words))
    assert refused.value.status == 409
    assert refused.value.breaches[0][0] == field
    assert "has" in refused.value.message
    assert "A superuser sets the quota on the team's page." in refused.value.message
    quotas.check(None, "dock", spec(words))
    return None


def test_of_many_at_once_as_many_pass_as_there_is_room_for(
    world: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world(Limits(containers=3), box("a"))
    check = quotas.check

    def slowly(team_id: int | None, host: str, wanted: ContainerSpec, without: str) -> None:
        check(team_id, host, wanted, without)
        time.sleep(0.05)  # the others come in here, if they can

    monkeypatch.setattr(quotas, "check", slowly)
    start, passed, refused = threading.Barrier(8), [], []

    def one() -> None:
        start.wait(20)
        try:
            passed.append(quotas.take(CREW, "dock", spec()))
        except OverQuota as error:
            refused.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(passed), len(refused)) == (2, 6)
    with passed[0]:
        assert quotas.use(CREW, "dock").containers == 3
    assert quotas.use(CREW, "dock").containers == 2
    quotas.take(CREW, "dock", spec(), "key")
    quotas.release("key")
    quotas.release("key")
    assert quotas.use(CREW, "dock").containers == 2


@pytest.mark.parametrize("what", ["sockets", "shells", "transfers", "pulls"])
def test_places_at_a_time_are_the_teams_and_come_back(
    world: Callable[..., None], what: at_once.What, db: None
) -> None:
    world(Limits(sockets=1, shells=1, transfers=1, pulls=1))
    bob = replace(actor(user("bob")), user_id=BOB)
    seat = at_once.enter(bob, "dock", what)
    with pytest.raises(OverQuota) as refused:
        at_once.enter(bob, "dock", what)
    assert (refused.value.status, refused.value.breaches[0][0]) == (429, what)
    assert at_once.enter(replace(bob, superuser=True), "dock", what).team_id is None
    seat.leave()
    seat.leave()
    assert at_once.under_way(CREW, "dock", what) == 0
    assert at_once.enter(bob, "dock", what).team_id == CREW


def test_who_is_in_two_teams_takes_the_place_of_the_one_with_room(
    world: Callable[..., None], db: None
) -> None:
    world(Limits(shells=1), others=Limits(shells=3))
    bob = replace(actor(user("bob")), user_id=BOB)
    teams = [at_once.enter(bob, "dock", "shells").team_id for _ in range(4)]
    assert sorted(map(str, teams)) == ["7", "8", "8", "8"]
    with pytest.raises(OverQuota):
        at_once.enter(bob, "dock", "shells")
