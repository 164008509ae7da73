"""How far a grant reaches, kind by kind, without a database or an engine: each line of the table
is one way to have an object, or one way not to."""

from types import SimpleNamespace
from typing import Any

import pytest

from access import reach
from access.book import Book, Held, Rule
from access.models import Selector
from access.roles import Role, rights_of
from access.targets import ImageTarget, NetworkTarget, StartedTarget, Target, VolumeTarget
from engine.errors import NotFound
from engine.snapshot import Snapshot
from engine.types import ContainerRow, Mount
from tests.containers.rows import row

SHOP, BANK, BOB, EVE = 7, 8, 3, 4
OURS, THEIRS, OPEN = Held(frozenset({SHOP})), Held(frozenset({BANK})), Held(shared=True)
BOBS, EVES = Held(users=frozenset({BOB})), Held(users=frozenset({EVE}))
FILES = "container.files_read"


def rule(role: Role = Role.DEVELOPER, *extras: str, selector: Any = Selector.OWNED) -> Rule:
    common = {"value": "", "until": None, "fits": lambda each: False}
    rights = rights_of(role, frozenset(extras))
    return Rule(1, SHOP, "shop", "dock", role, selector, rights=rights, **common)  # type: ignore[arg-type]


class World:
    """A book and a snapshot: ``ours`` and ``theirs`` are containers on the host."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: dict[tuple[str, str, str], Held] = {}
        self.teams_of: dict[int, frozenset[int]] = {}
        self.rows: dict[str, ContainerRow] = {}
        self.owners: dict[tuple[str, str], int | None] = {}
        monkeypatch.setattr(reach, "engine_of", self.engine)
        monkeypatch.setattr(reach, "row_of", lambda target: self.rows.get(target.id))

    def engine(self, slug: str) -> Any:
        return SimpleNamespace(mirror=SimpleNamespace(snapshot=Snapshot(containers=self.rows)))

    def box(self, id: str, team: int | None, **fields: Any) -> None:
        self.rows[id] = row(id=id, **fields)
        self.owners["dock", id] = team

    def asked(self, right: str, target: Target, by: Rule | None = None, user: int = BOB) -> bool:
        book = Book({}, self.teams_of, self.owners, self.held)
        return reach.reaches(book, by or rule(), right, target, user)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


VOLUME = VolumeTarget("volume", "data", "data", "dock")
NETWORK = NetworkTarget("network", "n" * 64, "back", "dock")
IMAGE = ImageTarget("image", "f" * 64, "shop:1", "dock")


@pytest.mark.parametrize(
    ("held", "right", "yes"),
    [
        (OURS, "volume.see", True),
        (OURS, "volume.use", True),
        (OURS, "volume.remove", True),
        (OURS, FILES, True),
        (OPEN, "volume.see", True),
        (OPEN, "volume.use", True),
        (OPEN, "volume.remove", False),
        (OPEN, FILES, True),
        (THEIRS, "volume.see", False),
        (THEIRS, "volume.use", False),
        (THEIRS, "volume.remove", False),
        (THEIRS, FILES, False),
        (BOBS, "volume.remove", True),
        (EVES, "volume.see", False),
        (Held(), "volume.see", False),
    ],
)
def test_a_volume(world: World, held: Held, right: str, yes: bool) -> None:
    world.held["dock", "volume", "data"] = held
    world.box("1" * 64, SHOP)
    assert world.asked(right, VOLUME) is yes


def test_files_of_a_volume_of_ones_own_need_the_right_to_use_it(world: World) -> None:
    world.held["dock", "volume", "data"] = OURS
    assert not world.asked(FILES, VOLUME, rule(Role.VIEWER))
    assert world.asked("volume.see", VOLUME, rule(Role.VIEWER))


@pytest.mark.parametrize(("team", "yes"), [(SHOP, True), (BANK, False), (None, False)])
def test_a_volume_of_a_container_in_reach_is_seen_and_read(
    world: World, team: int | None, yes: bool
) -> None:
    mounts = (Mount("volume", "/data", "/var/lib/x", name="data"),)
    world.box("1" * 64, team, mounts=mounts)
    assert world.asked("volume.see", VOLUME) is yes
    assert world.asked(FILES, VOLUME) is yes
    assert not world.asked("volume.use", VOLUME)
    assert not world.asked("volume.remove", VOLUME)
    assert not world.asked("volume.see", VolumeTarget("volume", "other", "other", "dock"))


@pytest.mark.parametrize(
    ("held", "right", "yes"),
    [
        (OURS, "network.see", True),
        (OURS, "network.remove", True),
        (OPEN, "network.use", True),
        (OPEN, "container.connect", True),
        (OPEN, "network.remove", False),
        (THEIRS, "network.see", False),
        (THEIRS, "container.disconnect", False),
        (BOBS, "network.remove", True),
    ],
)
def test_a_network(world: World, held: Held, right: str, yes: bool) -> None:
    world.held["dock", "network", "back"] = held
    assert world.asked(right, NETWORK) is yes


@pytest.mark.parametrize(
    ("right", "yes"),
    [
        ("network.see", True),
        ("container.disconnect", True),
        ("network.use", False),
        ("container.connect", False),
        ("network.remove", False),
    ],
)
def test_a_network_of_a_container_in_reach_is_seen_and_left(
    world: World, right: str, yes: bool
) -> None:
    world.box("1" * 64, SHOP, networks=("back",))
    assert world.asked(right, NETWORK) is yes
    world.box("1" * 64, BANK, networks=("back",))
    assert not world.asked(right, NETWORK)
    world.box("1" * 64, SHOP, networks=("front",))
    assert not world.asked(right, NETWORK)


def test_the_engines_own_networks_are_joined_and_not_removed(world: World) -> None:
    bridge = NetworkTarget("network", "b" * 64, "bridge", "dock")
    assert world.asked("network.use", bridge)
    assert not world.asked("network.remove", bridge)


@pytest.mark.parametrize(
    ("held", "right", "yes"),
    [
        (OURS, "image.remove", True),
        (OPEN, "image.see", True),
        (OPEN, "image.files_read", True),
        (OPEN, "image.remove", False),
        (OPEN, "image.push", False),
        (BOBS, "image.tag", True),
        (EVES, "image.see", False),
        (THEIRS, "image.see", False),
    ],
)
def test_an_image(world: World, held: Held, right: str, yes: bool) -> None:
    world.held["dock", "image", "f" * 64] = held
    assert world.asked(right, IMAGE) is yes


@pytest.mark.parametrize(("team", "yes"), [(SHOP, True), (BANK, False)])
def test_an_image_of_a_container_in_reach_is_looked_at(world: World, team: int, yes: bool) -> None:
    world.box("1" * 64, team, image_id="f" * 64)
    assert world.asked("image.see", IMAGE) is yes
    assert not world.asked("image.remove", IMAGE)
    assert not world.asked("image.see", Target("image", "f" * 64, "", "dock"))


@pytest.mark.parametrize("target", [VOLUME, NETWORK, IMAGE])
def test_whose_the_whole_host_is_reaches_all_of_it(world: World, target: Target) -> None:
    world.held["dock", target.kind, target.name] = THEIRS
    right = f"{target.kind}.remove"
    assert world.asked(right, target, rule(Role.HOST_ADMIN))
    assert world.asked(right, target, rule(selector=Selector.ALL))
    assert not world.asked(right, target)


def started(kind: str, by: int | str, whole: bool = False) -> StartedTarget:
    return StartedTarget(kind, "1", "", "dock", user_id=str(by), whole=whole)


@pytest.mark.parametrize(
    ("role", "teams", "whole", "yes"),
    [
        (Role.HOST_ADMIN, {BANK}, True, True),
        (Role.DEVELOPER, {SHOP}, False, True),
        (Role.DEVELOPER, {SHOP}, True, False),
        (Role.DEVELOPER, {SHOP, BANK}, False, False),
        (Role.DEVELOPER, {BANK}, False, False),
        (Role.DEVELOPER, set(), False, False),
        (Role.OPERATOR, {SHOP}, False, False),
        (Role.VIEWER, {SHOP}, False, False),
    ],
)
def test_a_job_of_somebody_else(
    world: World, role: Role, teams: set[int], whole: bool, yes: bool
) -> None:
    world.teams_of[EVE] = frozenset(teams)
    assert world.asked("job.see", started("job", EVE, whole), rule(role)) is yes
    assert world.asked("job.see", started("job", BOB, whole), rule(role))


def test_a_job_that_nobody_started_is_a_host_admins(world: World) -> None:
    for nobody in (started("job", ""), started("job", "system"), Target("job", "1", "", "dock")):
        assert not world.asked("job.see", nobody)
        assert world.asked("job.see", nobody, rule(Role.HOST_ADMIN))


def test_a_recording(world: World) -> None:
    assert world.asked("audit.see", started("recording", BOB))
    assert not world.asked("audit.see", started("recording", EVE))
    assert not world.asked("audit.see", started("recording", 0), user=0)
    assert not world.asked("audit.see", Target("recording", "1", "", "dock"))
    assert world.asked("audit.see", started("recording", EVE), rule(Role.HOST_ADMIN))


@pytest.mark.parametrize(
    ("held", "yes"), [(OURS, True), (OPEN, True), (BOBS, True), (THEIRS, False)]
)
def test_a_registry(world: World, held: Held, yes: bool) -> None:
    world.held["", "registry", "r.example.org"] = held
    target = Target("registry", "1", "r.example.org")
    assert world.asked("registry.use", target) is yes
    assert world.asked("registry.use", target, rule(Role.HOST_ADMIN))


def test_a_container_that_the_mirror_does_not_know(world: World) -> None:
    target = Target("container", "9" * 64, "", "dock")
    assert not world.asked("container.stop", target)
    world.owners["dock", "9" * 64] = BANK
    assert not world.asked("container.stop", target)
    world.owners["dock", "9" * 64] = SHOP
    assert world.asked("container.stop", target)
    assert not world.asked("container.stop", target, rule(selector=Selector.NAME))
    assert world.asked("container.stop", target, rule(Role.HOST_ADMIN))


@pytest.mark.parametrize("target", [VOLUME, NETWORK, IMAGE])
def test_on_a_host_that_is_gone_no_container_leads_anywhere(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(slug: str) -> Any:
        raise NotFound(slug)

    monkeypatch.setattr(reach, "engine_of", gone)
    assert not world.asked(f"{target.kind}.see", target)


def test_what_is_of_no_known_kind_is_reached_by_nobody(world: World) -> None:
    assert not world.asked("host.see", Target("moon", "1", "", "dock"), rule(Role.HOST_ADMIN))
