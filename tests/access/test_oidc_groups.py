"""Sign-on by OpenID Connect: what the groups give, and take again."""

from typing import Any

import pytest
from django.test import Client

from access.models import User
from audit.models import Entry
from tests.access.oidc_cast import idp as idp
from tests.access.oidc_cast import running as running
from tests.access.oidc_cast import signed_on
from tests.access.people import team, user
from tests.idp import Idp

pytestmark = pytest.mark.django_db


def test_groups_make_members_and_take_it_back_but_not_what_was_given_by_hand(idp: Idp) -> None:
    shop, bank, tools = team("shop"), team("bank"), team("tools")
    for each in (shop, bank):
        each.group = f"docker-{each.slug}"
        each.save()
    idp.who["groups"] = ["docker-shop", "docker-bank", "others"]
    signed_on(Client(), idp)
    ada = User.objects.get()
    assert set(ada.teams.all()) == {shop, bank}
    tools.members.add(ada)
    idp.who["groups"] = ["docker-bank"]
    signed_on(Client(), idp)
    assert set(ada.teams.all()) == {bank, tools}
    idp.who["groups"] = []
    signed_on(Client(), idp)
    assert set(ada.teams.all()) == {tools}
    entry = Entry.objects.filter(event="session.groups").latest("seq")
    assert (entry.parameters["was"]["teams"], entry.parameters["now"]["teams"]) == (
        ["bank", "tools"],
        ["tools"],
    )


def test_a_member_by_hand_stays_when_the_group_goes(idp: Idp) -> None:
    signed_on(Client(), idp)
    shop = team("shop", User.objects.get())
    shop.group = "docker-shop"
    shop.save()
    for groups in (["docker-shop"], []):
        idp.who["groups"] = groups
        signed_on(Client(), idp)
        assert shop.members.count() == 1


def test_another_group_for_the_team_ends_what_the_old_one_gave(client: Client, idp: Idp) -> None:
    shop = team("shop", user("by-hand"))
    shop.group = "docker-shop"
    shop.save()
    idp.who["groups"] = ["docker-shop"]
    signed_on(Client(), idp)
    client.force_login(User.objects.create_superuser("root"))
    members = [str(each.pk) for each in shop.members.all()]
    form = {"name": "Shop", "image_prefix": "", "group": "others", "members": members}
    assert client.post("/teams/shop/edit/", form).status_code == 302
    assert [each.username for each in shop.members.all()] == ["by-hand"]


def test_the_superuser_group_makes_one_and_takes_it_again(idp: Idp, settings: Any) -> None:
    idp.who["groups"] = ["docker-admins"]
    signed_on(Client(), idp)
    assert not User.objects.get().is_superuser  # no such group is set
    settings.SUPERUSER_GROUP = "docker-admins"
    signed_on(Client(), idp)
    assert User.objects.get().is_superuser
    idp.who["groups"] = []
    signed_on(Client(), idp)
    assert not User.objects.get().is_superuser
    User.objects.update(is_superuser=True)
    signed_on(Client(), idp)
    assert User.objects.get().is_superuser  # by hand: the group has no part in it


def test_groups_come_from_userinfo_where_the_token_has_none(client: Client, idp: Idp) -> None:
    shop = team("shop")
    shop.group = "docker-shop"
    shop.save()
    del idp.who["groups"]
    idp.userinfo = {"groups": ["docker-shop"]}
    signed_on(client, idp)
    assert shop.members.count() == 1
    idp.userinfo = {"sub": "somebody-else", "groups": ["docker-shop"]}
    assert signed_on(Client(), idp).status_code == 403


def test_groups_that_are_left_out_for_their_number_end_no_membership(idp: Idp) -> None:
    shop = team("shop")
    shop.group = "docker-shop"
    shop.save()
    idp.who["groups"] = ["docker-shop"]
    signed_on(Client(), idp)
    del idp.who["groups"]
    idp.who["_claim_names"] = {"groups": "src1"}
    response = signed_on(Client(), idp)
    assert response.status_code == 502
    assert "too many" in response.content.decode()
    assert shop.members.count() == 1
