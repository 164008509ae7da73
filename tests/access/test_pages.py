"""The pages of people, teams and grants: managed by superusers, read by auditors only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import Grant, OwnedContainer, Team, User
from access.roles import Role
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import dock, grant, team, user
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    return browser_of("root", is_superuser=True)


def browser_of(name: str, **fields: Any) -> Client:
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(user(name, **fields))
    return browser


def recorded(event: str) -> Entry:
    return Entry.objects.filter(event=event, result=Result.OK).latest("seq")


def test_a_team_is_made_changed_and_removed_with_old_and_new_on_record(root: Client) -> None:
    bob = user("bob")
    form = {"name": "Shop", "slug": "shop", "members": [bob.pk]}
    assert root.post("/teams/add/", form)["Location"] == "/teams/shop/"
    assert "bob" in root.get("/teams/shop/").content.decode()
    assert recorded("team.manage").parameters["now"]["members"] == ["bob"]
    root.post("/teams/shop/edit/", {"name": "The shop", "image_prefix": "ghcr.io/shop"})
    parameters = recorded("team.manage").parameters
    assert parameters["was"]["name"] == "Shop"
    assert parameters["was"]["members"] == ["bob"]
    assert parameters["now"]["name"] == "The shop"
    assert parameters["now"]["members"] == []
    assert root.get("/teams/shop/remove/").status_code == 200
    assert root.post("/teams/shop/remove/")["Location"] == "/teams/"
    assert not Team.objects.exists()
    assert root.post("/teams/add/", {"name": "", "slug": "no spaces"}).status_code == 422


def test_a_grant_is_given_changed_and_ended(root: Client) -> None:
    dock(), team("shop")
    form = {"host": "dock", "role": "developer", "selector": "name", "value": "shop-*"}
    add = "/teams/shop/grants/add/"
    assert root.get(add).status_code == 200
    assert root.post(add, form | {"extras": ["container.exec"]})["Location"] == "/teams/shop/"
    given = Grant.objects.get()
    assert (given.role, given.value, given.extras) == ("developer", "shop-*", ["container.exec"])
    now = form | {"role": "viewer", "value": "", "selector": "owned"}
    assert root.post(f"/grants/{given.pk}/", now).status_code == 302
    parameters = recorded("grant.manage").parameters
    assert (parameters["was"]["role"], parameters["now"]["role"]) == ("developer", "viewer")
    assert (parameters["was"]["extras"], parameters["now"]["extras"]) == (["container.exec"], [])
    assert root.post(f"/grants/{given.pk}/end/").status_code == 302
    assert recorded("grant.manage").parameters["now"] is None
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "viewer", "extras": ["container.exec"]}, "does not go with this role"),
        ({"role": "developer", "extras": ["container.exec_root"]}, "does not go with this role"),
        ({"role": "developer", "extras": ["user.manage"]}, "user.manage"),
        ({"selector": "name", "value": ""}, "give a pattern"),
        ({"until": "2020-01-01T00:00"}, "This time is over"),
        ({"host": "nowhere"}, "valid choice"),
        ({"role": "superuser"}, "valid choice"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_at_its_field(
    root: Client, change: dict[str, Any], field: str
) -> None:
    dock(), team("shop")
    form = {"host": "dock", "role": "developer", "selector": "owned"} | change
    answer = root.post("/teams/shop/grants/add/", form)
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert not Grant.objects.exists()


def test_a_host_admin_has_the_whole_host(root: Client) -> None:
    dock(), team("ops")
    form = {"host": "dock", "role": "host-admin", "selector": "name", "value": "x"}
    root.post("/teams/ops/grants/add/", form)
    assert (Grant.objects.get().selector, Grant.objects.get().value) == ("all", "")


def test_people_are_added_and_the_last_superuser_stays(root: Client) -> None:
    words = {"username": "kim", "password1": "correct horse battery"}
    added = root.post("/people/add/", words | {"password2": words["password1"]})
    kim = User.objects.get(username="kim")
    assert added["Location"] == f"/people/{kim.pk}/"
    assert not kim.is_superuser
    root.post(f"/people/{kim.pk}/edit/", {"is_active": "on", "auditor": "on"})
    parameters = recorded("user.manage").parameters
    assert (parameters["was"]["auditor"], parameters["now"]["auditor"]) == (False, True)
    me = User.objects.get(username="root")
    last = root.post(f"/people/{me.pk}/edit/", {"is_active": "on"})
    assert last.status_code == 422
    assert "must be left" in last.content.decode()
    assert User.objects.get(username="root").is_superuser
    assert "correct horse" not in str(list(Entry.objects.values()))


def test_what_a_person_can_do_and_why(root: Client) -> None:
    bob = user("bob")
    given = grant(team("shop", bob), Role.OPERATOR, selector="name", value="shop-*")
    page = root.get(f"/people/{bob.pk}/").content.decode()
    assert f"team shop, grant {given.pk} (Operator)" in page
    assert "shop-*" in page
    data = root.get(f"/people/{bob.pk}/?format=json").json()
    assert data["teams"] == ["shop"]
    stop = next(row for row in data["rights"] if row["right"] == "container.stop")
    assert (stop["host"], stop["grant"]) == ("dock", given.pk)
    assert not [row for row in data["rights"] if row["right"] == "container.exec"]
    own = browser_of("bob")
    assert own.get(f"/people/{bob.pk}/").status_code == 200


def test_only_who_may_sees_and_changes_them() -> None:
    bob, shop = user("bob"), team("shop")
    given = grant(shop, Role.HOST_ADMIN)
    shop.members.add(bob)
    member, auditor = browser_of("bob"), browser_of("eve", auditor=True)
    reads = ["/people/", "/teams/", "/teams/shop/", f"/people/{user('eve').pk}/"]
    writes = ["/people/add/", "/teams/add/", "/teams/shop/edit/", "/teams/shop/grants/add/"]
    writes += [f"/grants/{given.pk}/", f"/grants/{given.pk}/end/", f"/people/{bob.pk}/edit/"]
    for address in reads:
        assert auditor.get(address).status_code == 200, address
        assert member.get(address).status_code in (403, 404), address
    for address in writes:
        for browser in (member, auditor):
            for answer in (browser.get(address), browser.post(address, {"is_superuser": "on"})):
                assert answer.status_code in (403, 404), address
    assert Grant.objects.count() == 1
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_container_says_who_can_and_is_given_to_a_team(
    runtime: Loop, container: Callable[..., str]
) -> None:
    root, bob = browser_of("root", is_superuser=True), browser_of("bob")
    grant(team("shop", user("bob")), Role.DEVELOPER, extras=["container.exec"])
    id = container("true", start=False)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    base = f"/hosts/dock/containers/{id}/"
    assert bob.get(base).status_code == 404
    assert "(Developer)" not in root.get(f"{base}access/").content.decode()
    assert root.post(f"{base}access/give/", {"team": "shop"}).status_code == 302
    assert OwnedContainer.objects.get(container_id=id).how == "adopted"
    page = root.get(f"{base}access/").content.decode()
    assert "(Developer)" in page
    assert "is a superuser" in page
    assert bob.get(base).status_code == 200
    assert bob.get(f"{base}access/").status_code == 403
    assert bob.post(f"{base}access/give/", {"team": ""}).status_code == 403
    assert recorded("grant.manage").parameters == {"was": {"team": ""}, "now": {"team": "shop"}}
    root.post(f"{base}access/give/", {"team": ""})
    assert bob.get(base).status_code == 404
