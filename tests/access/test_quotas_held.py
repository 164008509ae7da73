"""Quotas of volumes and networks: by their own pages, by the API, and by a run that names one."""

import secrets
import threading
from collections.abc import Iterator

import pytest

from access import quotas
from access.errors import OverQuota
from access.models import Holding, Quota, Team
from audit.models import Entry, Result
from engine.volume_plan import VolumePlan
from tests.access.people import actor, dock, user
from tests.access.test_quotas_site import RUN, browser, run_form
from tests.access.test_quotas_site import shop as shop
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from volumes import actions

VOLUMES, NETWORKS = "hosts/dock/volumes", "hosts/dock/networks"
FULL = "the team has 1 of 1 here: there is no room for 1 more."


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """What the names of all that is made begin with."""
    made = f"held-{secrets.token_hex(4)}"
    yield made
    for kind in ("volume", "network"):
        left = docker_cli(kind, "ls", "-q", "--filter", f"name={made}").stdout.split()
        if left:
            docker_cli(kind, "rm", *left, check=False)


def test_a_full_team_makes_no_more_by_any_way(
    mark: str, shop: Team, busybox: str, docker_cli: DockerCli
) -> None:
    Quota.objects.create(team=shop, host=dock(), volumes=1, networks=1)
    bob, asks = browser("bob"), program(user("bob"))
    assert bob.post(f"/{VOLUMES}/_create/", {"name": f"{mark}-a"}).status_code == 302
    again = bob.post(f"/{VOLUMES}/_create/", {"name": f"{mark}-b"})
    assert FULL in again.content.decode()
    assert "A superuser sets the quota" in again.content.decode()
    answer = asks.post(VOLUMES, {"name": f"{mark}-b"})
    assert answer.status_code == 409
    assert '"volumes"' in answer.content.decode()
    run = bob.post(RUN, run_form(busybox, f"-v {mark}-b:/b"))
    assert (run.status_code, FULL in run.content.decode()) == (409, True)
    body = {"image": busybox, "mounts": [{"kind": "volume", "source": f"{mark}-b", "target": "/b"}]}
    assert '"volumes"' in asks.post("hosts/dock/containers", body).content.decode()
    assert bob.post(RUN, run_form(busybox, f"-v {mark}-a:/a")).status_code == 302, "it is there"
    assert asks.post(NETWORKS, {"name": f"{mark}-a", "internal": True}).status_code == 201
    answer = asks.post(NETWORKS, {"name": f"{mark}-b"})
    assert (answer.status_code, FULL in answer.content.decode()) == (409, True), answer.content
    assert FULL in bob.post(f"/{NETWORKS}/create/", {"name": f"{mark}-b"}).content.decode()
    shown = browser("root", is_superuser=True).get("/teams/shop/").content.decode()
    assert "volumes 1 / 1" in shown
    assert "networks 1 / 1" in shown
    made = docker_cli("volume", "ls", "-q", "--filter", f"name={mark}").stdout.split()
    assert made == [f"{mark}-a"]
    assert Entry.objects.filter(event="volume.create", result=Result.DENIED).count() == 2
    assert Entry.objects.filter(event="network.create", result=Result.DENIED).count() == 2


def test_what_is_gone_takes_no_room_and_two_at_once_never_share_it(
    mark: str, shop: Team, docker_cli: DockerCli
) -> None:
    """Removed by a hand on the host, a name stays the team's."""
    Quota.objects.create(team=shop, host=dock(), volumes=1)
    Holding.objects.create(host="dock", kind="volume", name=f"{mark}-gone", team=shop)
    start, refused = threading.Barrier(3), list[str]()

    def one(number: int) -> None:
        start.wait(20)
        try:
            actions.create(actor(user("bob")), "dock", VolumePlan(f"{mark}-{number}"))
        except OverQuota as error:
            refused.append(error.breaches[0][0])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert refused == ["volumes"] * 2
    assert len(docker_cli("volume", "ls", "-q", "--filter", f"name={mark}").stdout.split()) == 1
    assert not quotas._taken


def test_they_are_set_on_the_teams_page(shop: Team) -> None:
    root = browser("root", is_superuser=True)
    asked = {"memory_each": "256", "cpus_each": "1", "volumes": "5", "networks": "2"}
    assert root.post("/teams/shop/quotas/dock/", asked).status_code == 302
    quota = Quota.objects.get()
    assert (quota.volumes, quota.networks) == (5, 2)
    row = Entry.objects.get(event="team.manage", result=Result.INTENT)
    assert (row.parameters["now"]["volumes"], row.parameters["now"]["networks"]) == (5, 2)
    assert "networks 0 / 2" in root.get("/teams/shop/").content.decode()
