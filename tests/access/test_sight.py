"""What one sees of a host and of the record, where grants end, shares and tokens meet."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from access.actors import Actor
from access.book import book
from access.gate import may
from access.models import Holding, OwnedContainer, Team, User
from access.names import team_for
from access.roles import Role
from access.scopes import Scope
from access.sight import entries, holds, seen
from access.targets import Target
from audit import chain
from audit.models import Result
from engine.snapshot import Snapshot
from engine.types import ImageRow
from tests.access.people import actor, dock, grant, team, user
from tests.containers.rows import row

pytestmark = pytest.mark.django_db
IMAGE = ImageRow("e" * 64, ("shop:1",), (), timezone.now(), 1)


@pytest.fixture
def bob() -> User:
    return user("bob")


@pytest.fixture
def shop(bob: User) -> Team:
    return team("shop", bob)


def everything(shop: Team) -> Snapshot:
    """One container of the shop's and one image that it holds."""
    mine = row(dangers=())
    OwnedContainer.objects.create(host="dock", container_id=mine.id, team=shop, how="created")
    Holding.objects.create(host="dock", kind="image", name=IMAGE.id, team=shop)
    return Snapshot(containers={mine.id: mine}, images={IMAGE.id: IMAGE})


def token_of(person: User, *rights: str, hosts: tuple[str, ...] = ()) -> Actor:
    scope = Scope(1, "t", frozenset(rights), frozenset(hosts))
    return replace(actor(person), scope=scope)


@pytest.mark.django_db(transaction=True)  # within one, the book is read anew each time
def test_a_grant_that_runs_out_takes_what_was_kept_for_it(
    shop: Team, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same snapshot and the same book: only the time is another."""
    whole = everything(shop)
    end = timezone.now() + timedelta(hours=1)
    grant(shop, Role.VIEWER, until=end)
    who = actor(bob)
    assert seen(who, "dock", whole).containers
    monkeypatch.setattr("django.utils.timezone.now", lambda: end)
    part = seen(who, "dock", whole)
    assert (dict(part.containers), dict(part.images)) == ({}, {})


def test_what_one_pulled_is_not_seen_without_any_grant(bob: User) -> None:
    Holding.objects.create(host="dock", kind="image", name=IMAGE.id, user=bob)
    assert not seen(actor(bob), "dock", Snapshot(images={IMAGE.id: IMAGE})).images


def test_nobody_reads_the_record_without_a_login() -> None:
    chain.append("session.login", Result.OK, user_id="None")
    chain.append("container.stop", Result.OK, user_id="", host="dock")
    assert not entries(Actor(None, "nobody")).exists()


def test_a_token_reads_the_record_of_its_hosts_alone(shop: Team, bob: User) -> None:
    for host in ("dock", "quay", ""):
        chain.append("container.stop", Result.OK, user_id=str(bob.pk), host=host)
    assert entries(actor(bob)).count() == 3
    only = token_of(bob, "audit.see", hosts=("quay",))
    assert [entry.host for entry in entries(only)] == ["quay"]


def test_a_token_sees_what_its_rights_name(shop: Team, bob: User) -> None:
    whole = everything(shop)
    grant(shop, Role.VIEWER)
    part = seen(token_of(bob, "container.see"), "dock", whole)
    assert (len(part.containers), len(part.images)) == (1, 0)
    part = seen(token_of(bob, "image.see"), "dock", whole)
    assert (len(part.containers), len(part.images)) == (0, 1)
    assert not seen(token_of(bob, "image.see", hosts=("quay",)), "dock", whole).images


def test_what_a_person_holds_is_theirs_and_nobody_elses(shop: Team, bob: User) -> None:
    ann = user("ann")
    shop.members.add(ann)
    grant(shop, Role.DEVELOPER)
    Holding.objects.create(host="dock", kind="volume", name="data", user=bob)
    Holding.objects.create(host="", kind="registry", name="r.example.org", user=bob)
    assert holds(actor(bob), "dock", "volume", "data")
    assert not holds(actor(ann), "dock", "volume", "data")
    there = Target("registry", "1", "r.example.org")
    assert may(actor(bob), "registry.use", there)
    assert not may(actor(ann), "registry.use", there)


def test_a_grant_counts_on_its_own_host(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER, host="quay")
    dock()
    assert [rule.host for rule in book().live_rules("quay")] == ["quay"]
    assert list(book().live_rules("dock")) == []


def test_a_project_pattern_matches_no_container_without_a_project(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER, selector="project", value="*")
    plain, composed = row(), row(id="b" * 64, labels={"com.docker.compose.project": "shop"})
    whole = Snapshot(containers={one.id: one for one in (plain, composed)})
    assert list(seen(actor(bob), "dock", whole).containers) == [composed.id]


def test_a_grant_that_runs_nothing_owns_nothing_new(shop: Team, bob: User) -> None:
    """The older grant only looks: what is made belongs to the team whose grant lets one make."""
    grant(shop, Role.VIEWER)
    makers = team("makers", bob)
    grant(makers, Role.DEVELOPER)
    assert team_for(actor(bob), "dock", row(id="")) == makers.pk
