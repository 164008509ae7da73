"""Quotas: what a team may have in sum and at a time; two at once never share the same room."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from access import at_once, quotas
from access.book import Book, Rule
from access.errors import OverQuota
from access.models import Holding, Kind, OwnedContainer, Quota, Selector, Team
from access.policy import Limits
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers.run_form import initial_of
from containers.shells import ShellOrder
from containers.terminals import terminals
from engine.command_line import from_line
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import ACTIVE, Job
from tests.access.people import actor, dock, grant, team, user
from tests.conftest import LABEL, DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from web.sockets import TicketSocket

GIB = 2**30
CREW, OTHERS, BOB = 7, 8, 3
RUN = "/hosts/dock/containers/run/"


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

    def slowly(team_id: int | None, host: str, wanted: ContainerSpec) -> None:
        check(team_id, host, wanted)
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


# --- on the engine, and as pages ---


@pytest.fixture
def shop(runtime: Loop, docker_cli: DockerCli, busybox: str) -> Iterator[Team]:
    made = team("shop", user("bob"))
    grant(made, Role.DEVELOPER)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    yield made
    left = docker_cli("ps", "-aq", "--filter", "label=quota-test").stdout.split()
    if left:
        docker_cli("rm", "-f", "-v", *left, check=False)


def browser(name: str, **fields: bool) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user(name, **fields))
    return made


def run_form(busybox: str, words: str = "") -> dict[str, str]:
    line = f"docker run -d --label quota-test --label {LABEL} --network none {words}"
    line = f"{line} {busybox} sleep 99"
    said = {key: value for key, value in initial_of(from_line(line).spec).items() if value}
    return {key: "on" if value is True else str(value) for key, value in said.items()}


def test_two_runs_at_once_never_share_the_last_place(
    shop: Team, busybox: str, docker_cli: DockerCli
) -> None:
    Quota.objects.create(team=shop, host=dock(), containers=2, memory=96 * 2**20, memory_each=2**25)
    browsers, answers, start = [browser("bob") for _ in range(3)], [], threading.Barrier(3)

    def one(client: Client) -> None:
        start.wait(20)
        answers.append(client.post(RUN, run_form(busybox)))

    threads = [threading.Thread(target=one, args=(each,)) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status_code for answer in answers) == [302, 302, 409]
    ids = docker_cli("ps", "-aq", "--no-trunc", "--filter", "label=quota-test").stdout.split()
    assert len(ids) == 2
    memory = docker_cli("inspect", "-f", "{{.HostConfig.Memory}}", *ids).stdout.split()
    assert memory == [str(2**25)] * 2
    page = next(a for a in answers if a.status_code == 409).content.decode()
    assert "the team has 2 of 2 here" in page
    assert "A superuser sets the quota" in page
    assert Entry.objects.filter(event="container.create", result=Result.DENIED).count() == 1
    docker_cli("rm", "-f", ids[0])
    OwnedContainer.objects.filter(container_id=ids[0]).delete()
    until(lambda: quotas.use(shop.pk, "dock").containers == 1, 20)
    tight = browser("bob").post(RUN, run_form(busybox, "--memory 65m"))
    assert tight.status_code == 409
    assert "the team has 32 MiB of 96 MiB here: there is no room for 65 MiB more" in (
        tight.content.decode()
    )


def test_a_full_team_pulls_opens_and_enters_nothing_more(shop: Team, runtime: Loop) -> None:
    Quota.objects.create(team=shop, host=dock(), sockets=1, shells=1, pulls=1)
    bob = actor(user("bob"))
    seats = [at_once.enter(bob, "dock", what) for what in ("sockets", "shells", "pulls")]
    client, asked = browser("bob"), {"reference": "quota-test/nothing:1"}
    refused = client.post("/hosts/dock/images/pull/", asked)
    assert refused.status_code == 429
    assert "all 1 that the team shop may have at a time are in use" in refused.content.decode()
    assert Entry.objects.filter(event="image.pull", result=Result.DENIED).exists()
    socket = TicketSocket()
    socket.actor, socket.ticket = bob, SimpleNamespace(host="dock")  # type: ignore[assignment]
    assert runtime.run(socket.seated()) is False
    order = ShellOrder(ContainerTarget("container", "f" * 64, "x", "dock"))
    with pytest.raises(OverQuota):
        runtime.run(terminals.open(bob, order))
    for seat in seats:
        seat.leave()
    assert runtime.run(socket.seated()) is True
    socket.place.leave()
    assert client.post("/hosts/dock/images/pull/", asked).status_code == 302
    until(lambda: not Job.objects.filter(state__in=ACTIVE).exists(), 30)
    until(lambda: at_once.under_way(shop.pk, "dock", "pulls") == 0, 20)


def test_a_quota_is_set_shown_with_its_use_and_ended(shop: Team) -> None:
    root, page = browser("root", is_superuser=True), "/teams/shop/quotas/dock/"
    asked = {"containers": "4", "memory": "1024", "memory_each": "256", "cpus": "2.5"}
    assert browser("bob").post(page, asked).status_code in (403, 404)
    bad = root.post(page, asked | {"cpus_each": "0", "memory_each": "1"})
    assert bad.status_code == 422
    assert root.post(page, asked | {"cpus_each": "0.5", "pulls": "1"}).status_code == 302
    quota = Quota.objects.get()
    assert (quota.memory, quota.memory_each, quota.cpus) == (GIB, 2**28, Decimal("2.5"))
    shown = root.get("/teams/shop/").content.decode()
    for words in ("containers 0 / 4", "memory 0 MiB / 1024 MiB", "CPUs 0 / 2.5", "pulls 0 / 1"):
        assert words in shown
    assert 'value="1024"' in root.get(page).content.decode()
    assert root.post(page, {"end": "1"}).status_code == 302
    assert not Quota.objects.exists()
    rows = Entry.objects.filter(event="team.manage", result=Result.INTENT).order_by("seq")
    assert [(row.parameters["was"] or {}).get("containers") for row in rows] == [None, 4]
