"""Nobody gains a right by choosing a name or a label, and nobody plants one among others'."""

import pytest

from access.errors import Denied
from access.models import OwnedContainer, Team, User
from access.names import check_rename, planned, team_for, teams_to_own
from access.roles import Role
from access.targets import ContainerTarget
from engine.helpers import PREFIX
from tests.access.people import actor, grant, team, user
from tests.containers.rows import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return user("bob")


@pytest.fixture
def shop(bob: User) -> Team:
    return team("shop", bob)


def test_what_a_developer_makes_is_the_teams(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER)
    assert team_for(actor(bob), "dock", planned("web", {}, "busybox")) == shop.pk
    assert team_for(actor(bob), "dock", planned("", {}, "busybox")) == shop.pk
    with pytest.raises(Denied):
        team_for(actor(bob), "other", planned("web", {}, "busybox"))
    root = actor(user("root", is_superuser=True))
    assert team_for(root, "dock", planned("web", {}, "busybox")) is None


@pytest.mark.parametrize(
    ("selector", "value", "name", "labels"),
    [
        ("name", "billing-*", "billing-x", {}),
        ("label", "team=billing", "x", {"team": "billing"}),
        ("project", "billing", "x", {"com.docker.compose.project": "billing"}),
    ],
)
def test_a_foreign_name_or_label_is_refused(
    shop: Team, bob: User, selector: str, value: str, name: str, labels: dict[str, str]
) -> None:
    grant(shop, Role.DEVELOPER)
    grant(team("billing"), Role.OPERATOR, selector=selector, value=value)
    with pytest.raises(Denied, match="another team's reach"):
        team_for(actor(bob), "dock", planned(name, labels, "busybox"))


def test_a_pattern_covers_only_its_names(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER, selector="name", value="shop-*")
    assert team_for(actor(bob), "dock", planned("shop-1", {}, "busybox")) == shop.pk
    for name in ("other", ""):
        with pytest.raises(Denied, match="none of your grants"):
            team_for(actor(bob), "dock", planned(name, {}, "busybox"))


def test_with_two_teams_the_one_that_is_named_owns_it(shop: Team, bob: User) -> None:
    bank = team("bank", bob)
    grant(shop, Role.DEVELOPER), grant(bank, Role.DEVELOPER)
    plan = planned("x", {}, "busybox")
    assert team_for(actor(bob), "dock", plan) == shop.pk
    assert team_for(actor(bob), "dock", plan, "bank") == bank.pk
    with pytest.raises(Denied):
        team_for(actor(bob), "dock", plan, "ops")


def test_there_is_a_choice_of_teams_where_there_are_several(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER), grant(team("ops", bob), Role.OPERATOR)
    assert teams_to_own(actor(bob), "dock") == []
    bank = team("bank", bob)
    grant(bank, Role.DEVELOPER)
    assert set(teams_to_own(actor(bob), "dock")) == {shop, bank}
    root = actor(user("root", is_superuser=True))
    assert len(teams_to_own(root, "dock")) == 3
    plan = planned("x", {}, "busybox")
    assert team_for(root, "dock", plan, "bank") == bank.pk
    with pytest.raises(Denied, match="no team"):
        team_for(root, "dock", plan, "none")


def test_a_rename_gives_nobody_a_right(shop: Team, bob: User) -> None:
    grant(shop, Role.OPERATOR)
    extras = ["container.exec"]
    grant(shop, Role.DEVELOPER, selector="name", value="dev-*", extras=extras)
    grant(team("billing"), Role.VIEWER, selector="name", value="billing-*")
    target = ContainerTarget.of("dock", row(name="prod-db"))
    OwnedContainer.objects.create(host="dock", container_id=target.id, team=shop, how="created")
    check_rename(actor(bob), target, "prod-db-2")
    with pytest.raises(Denied, match="more rights"):
        check_rename(actor(bob), target, "dev-db")
    with pytest.raises(Denied, match="another team's"):
        check_rename(actor(bob), target, "billing-db")
    root = actor(user("root", is_superuser=True))
    check_rename(root, target, "billing-db")
    with pytest.raises(Denied, match="are ours"):
        check_rename(root, target, f"{PREFIX}0")


def test_a_rename_out_of_reach_is_refused(shop: Team, bob: User) -> None:
    grant(shop, Role.OPERATOR, selector="name", value="shop-*")
    target = ContainerTarget.of("dock", row(name="shop-web"))
    check_rename(actor(bob), target, "shop-web-2")
    with pytest.raises(Denied, match="out of your team's reach"):
        check_rename(actor(bob), target, "web")
