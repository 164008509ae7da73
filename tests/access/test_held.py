"""What a team holds, sees and has room for, and that nothing of it is another's."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.utils import timezone

from access import (
    ownership,
    quotas,
    shares,
)
from access.book import book
from access.dangers import dangers
from access.errors import Beyond, Denied
from access.gate import refusal
from access.models import Holding, Quota, Team, User
from access.names import check_changed, planned
from access.policy import Limits
from access.roles import Role
from access.sight import holds, seen, sees_all
from access.targets import SITE
from engine.snapshot import Snapshot
from engine.types import ImageRow
from tests.access.gate_cast import bob as bob
from tests.access.gate_cast import box, owned
from tests.access.gate_cast import shop as shop
from tests.access.logins import clock as clock
from tests.access.people import actor, dock, grant
from tests.containers.rows import row

pytestmark = pytest.mark.django_db


def test_sharing_one_thing_takes_nothing_from_another(shop: Team, bob: User) -> None:
    for name in ("one.example.org", "two.example.org"):
        ownership.share_registry(name, [shop.pk], shared=False)
    ownership.share_registry("three.example.org", [], shared=True, was="one.example.org")
    held = set(Holding.objects.values_list("name", "team_id"))
    assert held == {("two.example.org", shop.pk), ("three.example.org", None)}
    ownership.share_volume("dock", "data", [], shared=True)
    ownership.share_network("dock", "data", [shop.pk], shared=False)
    ownership.holds_image("dock", "f" * 64, bob.pk, None)
    ownership.share_volume("other", "data", [], shared=False)
    assert book().holders("dock", "volume", "data").shared
    assert book().holders("dock", "network", "data").teams == {shop.pk}
    assert book().holders("dock", "image", "f" * 64).users == {bob.pk}
    assert not book().holders("dock", "image", "f" * 64).shared
    ownership.let_go("dock", "volume", "data")
    assert book().holders("dock", "network", "data").teams == {shop.pk}


def test_an_image_that_ones_container_is_made_from_is_seen(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    images = {id: ImageRow(id, (), (), timezone.now(), 1) for id in ("e" * 64, "d" * 64)}
    mine = owned(shop, id="1" * 64, image_id="e" * 64).row
    assert mine is not None
    theirs = row(id="2" * 64, image_id="d" * 64)
    whole = Snapshot(containers={mine.id: mine, theirs.id: theirs}, images=images)
    part = seen(actor(bob), "dock", whole)
    assert (set(part.containers), set(part.images)) == ({mine.id}, {"e" * 64})
    assert not sees_all(actor(bob), "dock")
    grant(shop, Role.HOST_ADMIN)
    assert sees_all(actor(bob), "dock")
    assert not sees_all(actor(bob), "other")
    assert set(seen(actor(bob), "dock", whole).containers) == {mine.id, theirs.id}


def test_only_what_enters_a_container_is_refused_as_beyond_the_fence(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    risky = owned(shop, dangers=("privileged",))
    assert isinstance(refusal(actor(bob), "container.exec", risky), Beyond)
    assert not isinstance(refusal(actor(bob), "container.stop", risky), Beyond)
    assert not isinstance(refusal(actor(bob), "container.exec", SITE), Beyond)
    assert dangers(box(dangers=None).row) == ("not looked at yet",)


def test_other_labels_are_judged_by_grants_that_let_one_do_it(shop: Team, bob: User) -> None:
    """A viewer of the whole host is no reason to let a developer of a label leave its reach."""
    grant(shop, Role.VIEWER, selector="all")
    grant(shop, Role.DEVELOPER, selector="label", value="tier=shop")
    target = box(labels={"tier": "shop"})
    with pytest.raises(Denied, match="out of your team's reach"):
        check_changed(actor(bob), target, planned("x", {"tier": "bank"}, "i"), "container.edit")
    check_changed(actor(bob), target, planned("x", {"tier": "shop"}, "i"), "container.edit")


def test_what_does_not_grow_is_not_asked_for(shop: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(memory=100, nano_cpus=100, containers=5)
    held = replace(book(), quotas={(shop.pk, "dock"): limits})
    used = quotas.Amount(2, 200, 50)
    monkeypatch.setattr(quotas, "book", lambda: held)
    monkeypatch.setattr(shares, "book", lambda: held)
    monkeypatch.setattr(quotas, "use", lambda *given: used)
    quotas.check_room(shop.pk, "dock", quotas.Amount(nano_cpus=50))
    with pytest.raises(Denied):
        quotas.check_room(shop.pk, "dock", quotas.Amount(nano_cpus=51))
    with pytest.raises(Denied):
        quotas.check_room(shop.pk, "dock", quotas.Amount(memory=1))
    told = {
        each.title: (each.used, each.most, each.full) for each in shares.shares(shop.pk, "dock")
    }
    assert told["containers"] == ("2", "5", False)
    assert told["memory"][2] is True
    monkeypatch.setattr(shares, "book", lambda: replace(book(), quotas={}))
    told = {
        each.title: (each.used, each.most, each.full) for each in shares.shares(shop.pk, "dock")
    }
    assert told == {
        "containers": ("2", "", False),
        "memory": ("0.0001907348633 MiB", "", False),
        "CPUs": ("5e-08", "", False),
        "volumes": ("0", "", False),
        "networks": ("0", "", False),
    }
    assert shares.share("containers", "", 5, 5).full


def test_one_that_is_replaced_is_not_counted_beside_what_takes_its_place(
    shop: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ("1" * 64, "2" * 64)
    for id in ids:
        owned(shop, id=id)
    rows = {id: row(id=id, inspected=True) for id in ids}
    snapshot = SimpleNamespace(containers=rows)
    engine = SimpleNamespace(mirror=SimpleNamespace(snapshot=snapshot))
    monkeypatch.setattr(quotas, "engine_of", lambda host: engine)
    assert quotas.use(shop.pk, "dock").containers == 2
    assert quotas.use(shop.pk, "dock", ids[0]).containers == 1


def test_a_grant_by_project_fits_its_project(shop: Team) -> None:
    grant(shop, Role.VIEWER, selector="project", value="shop-*")
    (rule,) = book().live_rules("dock")
    project = "com.docker.compose.project"
    assert rule.matches(row(labels={project: "shop-web"}), None)
    assert not rule.matches(row(labels={project: "bank"}), None)
    assert not rule.matches(row(labels={project: ""}), None)


def test_who_has_no_grant_there_holds_nothing_there(shop: Team, bob: User) -> None:
    Holding.objects.create(host="dock", kind="image", name="f" * 64, user=bob)
    Holding.objects.create(host="dock", kind="volume", name="open")
    assert not holds(actor(bob), "dock", "image", "f" * 64)
    assert not holds(actor(bob), "dock", "volume", "open")
    grant(shop, Role.VIEWER)
    assert holds(actor(bob), "dock", "image", "f" * 64)
    assert holds(actor(bob), "dock", "volume", "open")


def test_a_quota_is_read_in_bytes_and_billionths(shop: Team) -> None:
    Quota.objects.create(team=shop, host=dock(), cpus="2.5", cpus_each="1.5", memory=7)
    limits = book().limits(shop.pk, "dock")
    assert (limits.nano_cpus, limits.nano_cpus_each) == (2_500_000_000, 1_500_000_000)
    assert (limits.memory, limits.memory_each, limits.containers) == (7, 512 * 2**20, None)
