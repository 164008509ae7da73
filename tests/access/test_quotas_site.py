"""Quotas on the site itself: runs, pulls, terminals, and the form that sets them."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from access import at_once, quotas
from access.errors import OverQuota
from access.models import Holding, Kind, OwnedContainer, Quota, Team
from access.roles import Role
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers.run_filled import initial_of
from containers.shells import ShellOrder
from containers.terminals import terminals
from engine.command_line import from_line
from hosts.live import engine_of
from jobs.models import ACTIVE, Job
from tests.access.people import actor, dock, grant, team, user
from tests.conftest import LABEL, DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from web.sockets import TicketSocket

GIB = 2**30
RUN = "/hosts/dock/containers/run/"


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
