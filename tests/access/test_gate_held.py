"""What others hold, and what is hidden: neither reached nor counted."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.errors import Hidden
from access.gate import authorize, may
from access.models import Holding, OwnedContainer, Team, User
from access.roles import Role
from access.sight import entries, seen
from access.targets import ImageTarget, StartedTarget, Target
from audit import chain
from audit.models import Result
from engine.snapshot import Snapshot
from engine.types import ImageRow
from tests.access.gate_cast import bob as bob
from tests.access.gate_cast import box, owned
from tests.access.gate_cast import shop as shop
from tests.access.people import actor, dock, grant, team, user
from tests.containers.rows import row, rows

pytestmark = pytest.mark.django_db


def test_the_jobs_of_another_team_stay_unknown(shop: Team, bob: User) -> None:
    ann, joe = user("ann"), user("joe")
    team("shop", ann, joe), team("bank", joe)
    grant(shop, Role.DEVELOPER)
    of = {who: StartedTarget("job", "1", "", "dock", str(who.pk)) for who in (bob, ann, joe)}
    assert may(actor(bob), "job.see", of[bob])
    assert may(actor(bob), "job.see", of[ann])
    assert not may(actor(bob), "job.see", of[joe])  # it may be work of the other team
    with pytest.raises(Hidden):
        authorize(actor(bob), "job.cancel", of[joe])


def test_what_a_container_is_now_goes_before_what_was_fetched_of_it(
    shop: Team, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the fetch and the gate it was given another name, and more of its host."""
    grant(shop, Role.OPERATOR, selector="name", value="shop-*")
    fetched = {name: box(id=id * 64, name=name) for name, id in (("shop-api", "1"), ("bank", "2"))}
    assert [may(actor(bob), "container.stop", each) for each in fetched.values()] == [True, False]
    snapshot = Snapshot(
        containers={
            "1" * 64: row(id="1" * 64, name="bank", dangers=()),
            "2" * 64: row(id="2" * 64, name="shop-api", dangers=("privileged",)),
        }
    )
    engine = SimpleNamespace(mirror=SimpleNamespace(snapshot=snapshot))
    monkeypatch.setattr("access.dangers.engine_of", lambda host: engine)
    assert [may(actor(bob), "container.stop", each) for each in fetched.values()] == [False, True]
    assert not may(actor(bob), "container.start", fetched["bank"])  # it reaches its host


def test_what_others_hold_stays_theirs(shop: Team, bob: User) -> None:
    """Containers, images and registries of another team; ticks that the role does not offer."""
    grant(shop, Role.VIEWER, extras=["container.exec"])
    grant(shop, Role.DEVELOPER, selector="name", value="dev-*")
    bank = team("bank")
    assert not may(actor(bob), "container.see", owned(bank))
    assert not may(actor(bob), "container.exec", owned(shop, id="d" * 64))
    image, login = Target("image", "e" * 64, "", "dock"), Target("registry", "1", "reg.example")
    known = {"host": "dock", "kind": "image", "name": image.id}
    for held_by, sees, changes in ((bank, False, False), (None, True, False), (shop, True, True)):
        Holding.objects.create(**known, team=held_by)
        target = ImageTarget("image", image.id, "", "dock")
        assert may(actor(bob), "image.see", target) == sees
        assert may(actor(bob), "image.remove", target) == changes
        Holding.objects.create(kind="registry", name=login.name, team=held_by)
        assert may(actor(bob), "registry.use", login) == sees
    nobodys_job = StartedTarget("job", "1", "", "dock", str(user("root", is_superuser=True).pk))
    assert not may(actor(bob), "job.see", nobodys_job)


def test_the_record_and_the_images_that_one_sees_are_ones_own(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER)
    chain.append("container.stop", Result.OK, user_id=str(bob.pk), host="dock")
    chain.append("container.stop", Result.OK, user_id="999", host="dock")
    assert entries(actor(bob)).count() == 1
    hidden = ImageRow("e" * 64, ("bank:1",), (), timezone.now(), 1)
    whole = Snapshot(images={hidden.id: hidden})
    assert not seen(actor(bob), "dock", whole).images
    Holding.objects.create(host="dock", kind="image", name=hidden.id, team=shop)
    assert list(seen(actor(bob), "dock", whole).images) == [hidden.id]
    grant(shop, Role.HOST_ADMIN)
    assert entries(actor(bob)).count() == 2


def test_a_thousand_containers_take_no_query_each(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    grant(shop, Role.OPERATOR, selector="name", value="c000*")
    dock()
    found = rows(1000)
    for one in found[:300]:
        OwnedContainer.objects.create(host="dock", container_id=one.id, team=shop, how="created")
    whole = Snapshot(containers={one.id: one for one in found})
    who = actor(bob)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        part = seen(who, "dock", whole)
    assert len(queries) <= 7  # one for each table of the book
    assert len(part.containers) == 300
    assert len(part.containers_of_image(found[0].image_id)) == 300


def test_what_is_hidden_is_not_counted(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    mine = owned(shop).row
    hidden = row(id="b" * 64, name="secret")
    whole = Snapshot(containers={one.id: one for one in (mine, hidden)})
    assert list(seen(actor(bob), "dock", whole).containers) == [mine.id]
    assert not seen(actor(user("kim")), "dock", whole).containers
    assert seen(actor(user("root", is_superuser=True)), "dock", whole) is whole
