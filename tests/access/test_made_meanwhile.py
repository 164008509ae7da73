"""What changes between the fence's word and the container: volumes of others, an image's labels."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from access import image_fence
from access.actors import Actor
from access.errors import Denied, Fenced
from access.models import Holding, Kind, Selector, Team
from access.roles import Role
from containers import actions, running
from engine.command_line import from_line
from engine.errors import Conflict
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.kinds import Work
from tests.access.people import actor, dock, grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


@dataclass(frozen=True)
class Yard:
    bob: Actor
    joe: Actor
    shop: Team
    image: str
    mark: str

    def spec(self, words: str, image: str = "") -> ContainerSpec:
        line = f"docker run -d --network none -l {self.mark} {words} {image or self.image} sleep 99"
        return from_line(line).spec

    def pulled(self) -> Work:
        progress: Any = None
        return Work("dock", {"team": self.shop.pk}, progress, str(self.bob.user_id))


@pytest.fixture
def yard(runtime: Loop, docker_cli: DockerCli, busybox: str) -> Iterator[Yard]:
    mark = f"meanwhile-{secrets.token_hex(4)}"
    shop, bank = team("shop", user("bob")), team("bank", user("joe"))
    for each in (shop, bank):
        grant(each, Role.DEVELOPER)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    yield Yard(actor(user("bob")), actor(user("joe")), shop, busybox, mark)
    left = docker_cli("ps", "-aq", "--filter", f"label={mark}").stdout.split()
    if left:
        docker_cli("rm", "-f", "-v", *left, check=False)
    docker_cli("volume", "rm", "-f", mark, check=False)
    docker_cli("rmi", "-f", f"{mark}:1", check=False)


def made(docker_cli: DockerCli, yard: Yard) -> list[str]:
    return docker_cli("ps", "-aq", "--filter", f"label={yard.mark}").stdout.split()


def test_of_two_teams_that_name_one_new_volume_one_gets_it(
    yard: Yard, docker_cli: DockerCli
) -> None:
    start, refused = threading.Barrier(2), []

    def one(who: Actor) -> None:
        start.wait(20)
        try:
            actions.run(who, "dock", yard.spec(f"-v {yard.mark}:/x"))
        except Fenced as error:
            refused.append(error)

    threads = [threading.Thread(target=one, args=(who,)) for who in (yard.bob, yard.joe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [dict(error.breaches).keys() for error in refused] == [{"mounts"}]
    assert len(made(docker_cli, yard)) == 1


def test_a_volume_that_came_while_an_image_was_pulled_is_not_mounted(
    yard: Yard, docker_cli: DockerCli
) -> None:
    spec = yard.spec(f"-v {yard.mark}:/x")
    docker_cli("volume", "create", yard.mark)
    with pytest.raises(Fenced, match="not a volume of your team"):
        running.create_pulled(yard.pulled(), spec)
    with pytest.raises(Fenced):
        running.create_and_start("dock", spec, yard.bob)
    assert made(docker_cli, yard) == []


def test_a_name_that_a_team_holds_stays_its_own_without_the_volume(yard: Yard) -> None:
    Holding.objects.create(host="dock", kind=Kind.VOLUME, name=yard.mark, team=team("bank"))
    with pytest.raises(Fenced, match="not a volume of your team"):
        actions.run(yard.bob, "dock", yard.spec(f"-v {yard.mark}:/x"))


def test_an_image_plants_no_container_among_another_teams(
    yard: Yard, docker_cli: DockerCli
) -> None:
    """The engine gives a container its image's labels, and grants may go by them."""
    grant(team("bank"), Role.OPERATOR, selector=Selector.LABEL, value="tier=bank")
    source = docker_cli("create", "-l", yard.mark, yard.image).stdout.strip()
    docker_cli("commit", "--change", "LABEL tier=bank", source, f"{yard.mark}:1")
    docker_cli("rm", source)
    image = until(lambda: engine_of("dock").mirror.find_image(f"{yard.mark}:1"), 20)
    Holding.objects.create(host=dock().slug, kind=Kind.IMAGE, name=image.id, team=yard.shop)
    spec = yard.spec("", f"{yard.mark}:1")
    for way in (
        lambda: actions.run(yard.bob, "dock", spec),
        lambda: running.create_pulled(yard.pulled(), spec),
    ):
        with pytest.raises(Denied, match="within another team's reach"):
            way()
    assert made(docker_cli, yard) == []
    actions.run(yard.bob, "dock", yard.spec("-l tier=shop", f"{yard.mark}:1"))
    assert len(made(docker_cli, yard)) == 1


def test_an_image_that_got_the_name_after_the_judgement_is_not_run(
    yard: Yard, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{yard.mark}:1"
    docker_cli("tag", yard.image, name)
    until(lambda: engine_of("dock").mirror.find_image(name), 20)
    judge = image_fence.breaches

    def judged_and_given_away(spec: ContainerSpec, config: Any) -> Any:
        source = docker_cli("create", "-l", yard.mark, yard.image).stdout.strip()
        docker_cli("commit", "--change", "LABEL other=1", source, name)
        docker_cli("rm", source)
        return judge(spec, config)

    monkeypatch.setattr(image_fence, "breaches", judged_and_given_away)
    with pytest.raises(Conflict, match="is the name of another image now"):
        running.create_and_start("dock", yard.spec("", name), yard.bob)
    assert made(docker_cli, yard) == []
