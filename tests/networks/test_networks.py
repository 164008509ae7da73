"""Networks by page and API: each verb beside what the command line says afterwards."""

import asyncio
import json
from typing import Any

import pytest

from access.errors import Fenced
from access.models import FencePolicy, Holding, Team
from audit.models import Entry, Result
from engine.network_plan import NetworkPlan
from hosts.live import engine_of
from networks import actions
from networks.sockets import follow, seen
from tests.access.people import actor, dock, user
from tests.access.test_network_fence import OUTSIDE
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.networks.conftest import Box, Net, browser, networks_of
from tests.runtime import Loop, until

ALL = "/hosts/dock/networks/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
Teams = tuple[Team, Team]


def inspected(docker_cli: DockerCli, name: str) -> Any:
    return json.loads(docker_cli("network", "inspect", name).stdout)[0]


def test_from_its_creation_to_its_end(
    teams: Teams, box: Box, net: Net, mark: str, subnet: str, docker_cli: DockerCli
) -> None:
    address = subnet.replace(".0/24", ".9")
    bob, name = browser("bob"), f"{mark}-own"
    id = box(teams[0], "--network", "bridge")
    form = {"name": name, "internal": "on", "subnets": subnet, "labels": "tier=back\na="}
    made = bob.post(f"{ALL}create/", form)
    assert made.status_code == 302, made.content.decode()
    told = inspected(docker_cli, name)
    assert made["Location"] == f"{ALL}{told['Id']}/"
    assert (told["Driver"], told["Internal"]) == ("bridge", True)
    assert told["Labels"] == {"tier": "back", "a": ""}
    assert told["IPAM"]["Config"][0]["Subnet"] == subnet
    assert Holding.objects.get(kind="network", name=name).team == teams[0]
    base = made["Location"]
    assert bob.get(f"{base}connect/").status_code == 200
    join = {"container": id, "aliases": "db, data", "ip": address}
    assert bob.post(f"{base}connect/", join).status_code == 302
    assert name in networks_of(docker_cli, id)
    endpoint = json.loads(docker_cli("inspect", id).stdout)[0]["NetworkSettings"]["Networks"][name]
    assert {"db", "data"} <= set(endpoint["Aliases"])
    assert endpoint["IPAMConfig"]["IPv4Address"] == address
    page = bob.get(base).content.decode()
    assert subnet in page
    assert id in page
    leave = bob.get(f"{base}disconnect/?container={id}").content.decode()
    assert "It goes on running" in leave
    assert bob.post(f"{base}disconnect/", {"container": id}).status_code == 302
    assert name not in networks_of(docker_cli, id)
    assert bob.post(f"{base}remove/")["Location"] == ALL
    assert docker_cli("network", "inspect", name, check=False).returncode
    assert not Holding.objects.filter(kind="network", name=name).exists()
    lines = Entry.objects.filter(result=Result.OK).order_by("seq")
    assert list(lines.values_list("event", "command_line"))[-4:] == [
        (
            "network.create",
            f"docker network create --internal --subnet={subnet} --label=tier=back"
            f" --label=a= {name}",
        ),
        (
            "container.connect",
            f"docker network connect --alias=db --alias=data --ip={address} {name}"
            f" {lines.get(event='container.connect').object_name}",
        ),
        (
            "container.disconnect",
            f"docker network disconnect {name} {lines.get(event='container.connect').object_name}",
        ),
        ("network.remove", f"docker network rm {name}"),
    ]


def test_from_the_containers_own_page(
    teams: Teams, box: Box, net: Net, mark: str, docker_cli: DockerCli
) -> None:
    bob, id, own = browser("bob"), box(teams[0], "--network", "bridge", start=True), net("own")
    Holding.objects.create(host="dock", kind="network", name=f"{mark}-own", team=teams[0])
    base = f"/hosts/dock/containers/{id}/"
    asked = bob.get(f"{base}connect/").content.decode()
    assert f'value="{own}"' in asked
    joined = bob.post(f"{base}connect/", {"network": own, "aliases": "db"}, headers=HTMX)
    assert joined.status_code == 204
    assert f"{mark}-own" in networks_of(docker_cli, id)
    seen = bob.get(f"{base}overview/").content.decode()
    assert f"{ALL}{own}/" in seen
    told = bob.get(f"{ALL}{own}/").content.decode()
    assert inspected(docker_cli, own)["Containers"][id]["IPv4Address"].partition("/")[0] in told
    refused = bob.post(f"{base}connect/", {"network": own})
    assert refused.status_code == 422  # it is in it already: there is no such choice
    wrong = bob.post(f"{base}connect/", {"network": own, "ip": "ten", "aliases": "a b/c"})
    assert "is not an address" in wrong.content.decode()
    in_use = bob.post(f"{ALL}{own}/remove/")
    assert in_use.status_code == 409
    assert "is in use: disconnect first" in in_use.content.decode()
    assert bob.post(f"{base}disconnect/", {"network": own}).status_code == 302
    assert networks_of(docker_cli, id) == {"bridge"}


def test_what_is_another_teams_is_not_there(
    teams: Teams, box: Box, net: Net, mark: str, docker_cli: DockerCli
) -> None:
    bob, mine, theirs, both = browser("bob"), box(teams[0]), net("theirs"), net("both")
    Holding.objects.create(host="dock", kind="network", name=f"{mark}-theirs", team=teams[1])
    Holding.objects.create(host="dock", kind="network", name=f"{mark}-both")
    foreign = box(teams[1], "--network", f"{mark}-both", start=True)
    listed = bob.get(f"{ALL}?whole=1").content.decode()
    assert f"{mark}-both" in listed
    assert f"{mark}-theirs" not in listed
    assert bob.get(f"{ALL}{theirs}/").status_code == 404
    assert bob.get(f"{ALL}{mark}-theirs/").status_code == 404
    shared = bob.get(f"{ALL}{both}/").content.decode()
    assert "Other teams' containers are in it" in shared.replace("&#x27;", "'")
    assert foreign not in shared
    raw = program(user("bob")).get(f"hosts/dock/networks/{both}/inspect").json()
    assert raw["Containers"] == {}
    join = f"/hosts/dock/containers/{mine}/connect/"
    assert bob.post(join, {"network": theirs}).status_code == 422
    api = program(user("bob")).post(
        f"hosts/dock/containers/{mine}/connect", {"network": f"{mark}-theirs"}
    )
    is_problem(api, 404)
    aliased = bob.post(join, {"network": both, "aliases": "bank-db"})
    assert aliased.status_code == 422
    assert "another name there may be one of another team" in aliased.content.decode()
    assert bob.post(f"{ALL}{both}/remove/").status_code == 403
    assert bob.post(f"{ALL}{both}/give/", {"teams": "shop"}).status_code == 403
    assert bob.post(f"{ALL}{both}/connect/", {"container": foreign}).status_code == 422
    assert bob.post(f"{ALL}{both}/disconnect/", {"container": foreign}).status_code == 404
    taken = bob.post(f"{ALL}create/", {"name": f"{mark}-theirs"})
    assert taken.status_code == 422
    assert "is not a network of your team" in taken.content.decode()
    assert networks_of(docker_cli, foreign) == {f"{mark}-both"}
    assert f"{mark}-theirs" not in networks_of(docker_cli, mine)


def test_whoever_gives_it_away_decides_who_joins(
    teams: Teams, box: Box, net: Net, mark: str, docker_cli: DockerCli
) -> None:
    root, bob, id = browser("root", is_superuser=True), browser("bob"), net("given")
    assert bob.get(f"{ALL}{id}/").status_code == 404
    assert root.post(f"{ALL}{id}/give/", {"teams": "shop"}).status_code == 302
    assert bob.get(f"{ALL}{id}/").status_code == 200
    assert browser("joe").get(f"{ALL}{id}/").status_code == 404
    assert root.post(f"{ALL}{id}/give/", {"shared": "on"}).status_code == 302
    assert browser("joe").get(f"{ALL}{id}/").status_code == 200
    assert root.post(f"{ALL}{id}/give/", {"teams": "none-such"}).status_code == 422
    last = Entry.objects.filter(event="grant.manage", result=Result.OK).latest("seq")
    assert last.parameters == {
        "was": {"teams": ["shop"], "shared": False},
        "now": {"teams": [], "shared": True},
    }


@pytest.mark.parametrize("name", ["bob", "root"])
def test_nothing_outside_the_fence_is_made_by_anybody(
    teams: Teams, mark: str, net: Net, docker_cli: DockerCli, name: str
) -> None:
    """By the action's own door, which form and API go through; superusers neither."""
    who = actor(user(name, is_superuser=name == "root"))
    for plan, field in OUTSIDE:
        wanted = NetworkPlan(
            f"{mark}-out",
            plan.driver,
            plan.internal,
            plan.ipv6,
            plan.subnets,
            plan.labels,
            plan.options,
        )
        with pytest.raises(Fenced) as refused:
            actions.create(who, "dock", wanted)
        assert field in dict(refused.value.breaches)
    asks = program(user(name))
    body = {"name": f"{mark}-out", "driver": "macvlan", "options": {"parent": "eth0"}}
    told = is_problem(asks.post("hosts/dock/networks", body), 403)
    assert [each["field"] for each in told["errors"]] == ["driver", "options"]
    for key in ("Attachable", "IPAM", "ConfigFrom", "Options"):
        is_problem(asks.post("hosts/dock/networks", {"name": f"{mark}-out", key: {}}), 422)
    form = {"name": f"{mark}-out", "subnets": "8.8.8.0/24", "driver": "macvlan"}
    assert browser(name).post(f"{ALL}create/", form).status_code == 422
    left = docker_cli("network", "ls", "--quiet", "--filter", f"name={mark}").stdout
    assert left == ""
    assert not Entry.objects.filter(event="network.create", result=Result.INTENT).exists()


def test_beyond_the_fence_asks_for_a_reason_and_who_one_is(
    teams: Teams, mark: str, net: Net, docker_cli: DockerCli
) -> None:
    root = browser("root", is_superuser=True)
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": True})
    form = {
        "name": f"{mark}-far",
        "subnets": "10.99.7.0/24",
        "options": "com.docker.network.bridge.enable_icc=false",
    }
    refused = root.post(f"{ALL}create/", form)
    assert refused.status_code == 422
    assert "say why this has to be beyond the fence" in refused.content.decode()
    asked = root.post(f"{ALL}create/", form | {"beyond_fence": "a lab of its own"})
    assert asked.status_code == 403
    assert docker_cli("network", "inspect", f"{mark}-far", check=False).returncode
    bob = browser("bob").post(f"{ALL}create/", form | {"beyond_fence": "a lab of its own"})
    assert bob.status_code == 422


def test_the_engines_own_stay_and_say_so(teams: Teams, docker_cli: DockerCli) -> None:
    root = browser("root", is_superuser=True)
    id = inspected(docker_cli, "bridge")["Id"]
    assert "cannot be removed" in root.get(f"{ALL}{id}/remove/").content.decode()
    refused = root.post(f"{ALL}{id}/remove/")
    assert refused.status_code == 422
    assert "pre-defined" in refused.content.decode()
    bob = browser("bob")
    assert bob.get(f"{ALL}{id}/").status_code == 200
    assert bob.post(f"{ALL}{id}/remove/").status_code == 403
    host = inspected(docker_cli, "host")["Id"]
    assert root.get(f"{ALL}{host}/connect/").status_code == 409
    for name in ("bridge", "Host", "default"):
        assert root.post(f"{ALL}create/", {"name": name}).status_code == 422


def test_the_list_filters_sorts_and_says_what_is_wrong(
    teams: Teams, box: Box, net: Net, mark: str
) -> None:
    root = browser("root", is_superuser=True)
    net("a", "--label", "tier=back"), net("b", "--internal")
    box(None, "--network", f"{mark}-b")

    def shown(q: str, sort: str = "") -> list[str]:
        page = root.get(f"{ALL}?q={mark} {q}&sort={sort}", headers=HTMX).content.decode()
        found = [(page.find(f'title="{mark}-{each}"'), each) for each in "ab"]
        return [each for at, each in sorted(found) if at >= 0]

    assert shown("") == ["a", "b"]
    assert shown("", "-name") == ["b", "a"]
    assert shown("label:tier=back") == ["a"]
    assert shown("state:used") == ["b"]
    assert shown("state:unused") == ["a"]
    assert shown("driver:overlay") == []
    assert (
        "There is no filter lable:" in root.get(f"{ALL}?q=lable:x", headers=HTMX).content.decode()
    )
    assert 'hx-trigger="load"' in root.get(ALL).content.decode()


def test_by_api_alone(
    teams: Teams, box: Box, net: Net, mark: str, subnet: str, docker_cli: DockerCli
) -> None:
    asks, id = program(user("bob")), box(teams[0], "--network", "bridge")
    made = asks.post("hosts/dock/networks", {"name": f"{mark}-api", "subnets": [subnet]})
    assert made.status_code == 201, made.content
    one = f"hosts/dock/networks/{made.json()['id']}"
    is_problem(asks.post("hosts/dock/networks", {"name": f"{mark}-api"}), 409)
    listed = asks.get(f"hosts/dock/networks?q=name:{mark}").json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    into = {"network": made.json()["id"], "aliases": ["db"], "ip": subnet.replace(".0/24", ".5")}
    joined = asks.post(f"hosts/dock/containers/{id}/connect", into)
    assert joined.status_code == 200, joined.content
    assert f"{mark}-api" in joined.json()["container"]["networks"]
    assert f"{mark}-api" in networks_of(docker_cli, id)
    told = asks.get(one).json()
    assert [each["container_id"] for each in told["containers"]] == [id]
    assert told["others"] is False
    wrong = is_problem(asks.post(f"hosts/dock/containers/{id}/connect", into | {"ip": "x"}), 422)
    assert wrong["errors"][0]["field"] == "networks"
    for field, plan in (("name", {"name": "a b"}), ("subnets", {"name": "x", "subnets": ["x"]})):
        told = is_problem(asks.post("hosts/dock/networks", plan), 422)
        assert told["errors"][0]["field"] == field
    left = asks.post(f"hosts/dock/containers/{id}/disconnect", {"network": made.json()["id"]})
    assert left.status_code == 200
    assert f"{mark}-api" not in networks_of(docker_cli, id)
    assert asks.ask("DELETE", one).status_code == 204
    is_problem(asks.get(one), 404)
    assert docker_cli("network", "inspect", f"{mark}-api", check=False).returncode


def test_who_looks_at_networks_is_told_of_theirs_alone(
    teams: Teams, box: Box, net: Net, mark: str, runtime: Loop
) -> None:
    names = {whose: f"{mark}-{whose}" for whose in ("own", "theirs", "both")}
    for whose, by in (("theirs", teams[1]), ("own", teams[0]), ("both", None)):
        Holding.objects.create(host="dock", kind="network", name=names[whose], team=by)
    news, bob = follow(actor(user("bob")), "dock"), actor(user("bob"))

    async def until_own() -> Any:
        async for message in news:
            told.append(message)
            if message["ids"]:
                return message

    told: list[Any] = []
    before = len(engine_of("dock").mirror._events)
    coming = asyncio.run_coroutine_threadsafe(until_own(), runtime.loop)
    until(lambda: len(engine_of("dock").mirror._events) > before, 20)
    net("theirs")
    own = net("own")
    assert (coming.result(30)["event"], [each["ids"] for each in told]) == (
        "networks-changed",
        [[own]],
    )
    runtime.run(news.aclose())
    mine, foreign = box(teams[0]), box(teams[1])
    for whose, container, shown in (
        ("own", "", True),
        ("theirs", "", False),
        ("both", "", True),
        ("both", mine, True),
        ("both", foreign, False),
    ):
        assert seen(bob, "dock", {("x", names[whose], container)}) == ["x"] * shown, whose
    assert runtime.run(anext(follow(bob, "nowhere"), None)) is None
