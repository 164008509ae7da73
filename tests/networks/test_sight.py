"""Networks of several teams: what is seen of them, who gives them away, who is told of what."""

import asyncio
from typing import Any

from access.models import Holding
from audit.models import Entry, Result
from hosts.live import engine_of
from networks.sockets import follow, seen
from tests.access.people import actor, user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.networks.conftest import ALL, Box, Net, Teams, browser, networks_of
from tests.runtime import Loop, until


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
