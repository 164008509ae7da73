"""Who looks at volumes is told of theirs alone, also of one that is gone."""

import asyncio
from typing import Any

from access.models import OwnedContainer
from dashboard.live import LiveSocket
from hosts.live import engine_of
from tests.access.people import actor
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from tests.volumes.conftest import ALL, Yard, hold
from tests.volumes.conftest import volume as volume
from tests.volumes.conftest import yard as yard
from tests.volumes.test_verbs import Make
from volumes.sockets import Known, follow, known_to, seen


def test_who_looks_is_told_what_comes_and_goes(
    yard: Yard, volume: Make, runtime: Loop, docker_cli: DockerCli
) -> None:
    mark = volume.mark  # type: ignore[attr-defined]
    own, theirs = f"{mark}-own", f"{mark}-theirs"
    hold(own, yard.shop)
    hold(theirs, yard.bank)
    told: list[Any] = []
    news = follow(actor(yard.people["ann"]), "dock")

    async def listen() -> None:
        async for message in news:
            told.append(message)

    before = len(engine_of("dock").mirror._events)
    listening = asyncio.run_coroutine_threadsafe(listen(), runtime.loop)
    until(lambda: len(engine_of("dock").mirror._events) > before, 20)
    volume(name="theirs")
    volume(name="own")
    until(lambda: told, 30)
    assert told[0] == {"event": "volumes-changed", "host": "dock", "version": 0, "ids": [own]}
    docker_cli("volume", "rm", theirs)
    response = yard.browser("ann").post(f"{ALL}{own}/remove/", {"typed_name": own})
    assert response.status_code == 302
    until(lambda: len(told) > 1, 30)  # nobody holds it any more, and it was hers
    assert [each["ids"] for each in told] == [[own], [own]]
    listening.cancel()
    page = yard.browser("ann").get(ALL).content.decode()
    assert 'data-live-topics="volumes:dock"' in page
    socket = LiveSocket()
    socket.actor = actor(yard.people["ann"])
    topic = socket.follower("volumes:dock", None)
    assert topic is not None
    topic.close()
    assert runtime.run(anext(follow(socket.actor, "nowhere"), None)) is None


def test_what_containers_have_changes_with_them(
    yard: Yard, volume: Make, docker_cli: DockerCli, busybox: str
) -> None:
    """One's own; of a shared volume it is not told that another team's came or went."""
    shared = volume(name="shared")
    hold(shared)
    line = ("--network", "none", "-v", f"{shared}:/x", busybox, "x")
    mine, foreign = (docker_cli("create", *line).stdout.strip() for _ in range(2))
    try:
        rows = engine_of("dock").mirror
        until(lambda: {mine, foreign} <= rows.snapshot.containers.keys(), 30)
        for id, by in ((mine, yard.shop), (foreign, yard.bank)):
            OwnedContainer.objects.create(host="dock", container_id=id, team=by, how="created")
        ann = actor(yard.people["ann"])
        now = known_to(ann, "dock")
        assert shared in now.names
        for container, shown in ((mine, True), (foreign, False)):
            for name in (shared, ""):
                for before, after in ((Known(), now), (now, Known())):
                    ids = seen(ann, "dock", {(name, container)}, before, after)
                    assert ids == [shared] * shown, (container, name)
        assert seen(ann, "dock", {(shared, "")}, Known(), Known()) == [shared]
    finally:
        docker_cli("rm", "-f", mine, foreign)
