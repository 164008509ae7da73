"""The gate by itself: the table of roles, how far grants reach, and what is denied how."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from access import gate
from access.actors import Actor
from access.dangers import GUARDED
from access.errors import Denied, Hidden
from access.gate import authorize, may, reasons, those_of
from access.models import Team, User
from access.rights import RIGHTS, SIGNED_IN, Danger
from access.roles import OPT_INS, RIGHTS_OF, Role, rights_of
from access.targets import SITE, Target
from engine.types import Mount
from tests.access.gate_cast import bob as bob
from tests.access.gate_cast import box, owned
from tests.access.gate_cast import shop as shop
from tests.access.people import actor, grant, team, user

pytestmark = pytest.mark.django_db
HERE = Target("host", "dock", "dock", "dock")
# The table of rights.md, typed in by hand: what each role has on its own container.
SEES = "container.see container.logs"
RUNS = " ".join(
    f"container.{verb}"
    for verb in ["start", "stop", "restart", "kill", "pause", "unpause", "rename"]
)
MAKES = "container.create container.remove container.update container.connect container.disconnect"
MAKES = f"{MAKES} container.duplicate container.edit container.recreate container.forget"
INSIDE = (
    "container.exec container.attach container.files_read container.files_write container.export"
    " container.commit"
)
TABLE = {
    Role.VIEWER: SEES,
    Role.OPERATOR: f"{SEES} {RUNS}",
    Role.DEVELOPER: f"{SEES} {RUNS} {MAKES}",
    Role.HOST_ADMIN: f"{SEES} {RUNS} {MAKES} {INSIDE} container.prune",
}


@pytest.mark.parametrize("role", Role)
def test_each_role_has_exactly_the_rights_of_the_table(shop: Team, bob: User, role: Role) -> None:
    grant(shop, role)
    mine = owned(shop)
    has = {name for name in RIGHTS if name.startswith("container.") and may(actor(bob), name, mine)}
    assert has == set(TABLE[role].split())


@pytest.mark.django_db(transaction=True)  # within one, the book is read anew for each right
@pytest.mark.parametrize("role", Role)
def test_many_rights_at_once_are_those_asked_one_by_one(
    shop: Team, bob: User, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(shop, role, extras=["container.exec"])
    grant(shop, Role.OPERATOR, selector="name", value="shop-*")
    people = [bob, user("kim"), user("eve", auditor=True), user("ada", is_superuser=True)]
    targets = [owned(shop, id="1" * 64, name="x"), box(id="2" * 64), box(id="3" * 64, name="y")]
    asked = [*RIGHTS, "nonsense"]
    for who in [*map(actor, people), Actor(None, "nobody")]:
        for target in [*targets, HERE, SITE]:
            single = tuple(right for right in asked if may(who, right, target))
            assert those_of(who, asked, target) == single
    monkeypatch.setattr(gate, "reaches", lambda *given: 1 / 0)
    assert those_of(actor(bob), asked, targets[0]) == ()


@pytest.mark.parametrize("role", Role)
def test_a_tick_gives_what_the_role_offers_and_nothing_else(role: Role) -> None:
    everything = frozenset(RIGHTS)
    assert rights_of(role, everything) == RIGHTS_OF[role] | OPT_INS[role]
    assert not {"user.manage", "team.manage", "grant.manage", "host.manage"} & rights_of(
        role, everything
    )


def test_opt_ins_are_never_implied_by_one_another(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER, extras=["container.files_read"])
    mine = owned(shop)
    assert may(actor(bob), "container.files_read", mine)
    for right in ("container.files_write", "container.exec", "container.exec_root"):
        assert not may(actor(bob), right, mine)


def test_hidden_is_404_and_seen_is_403(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    with pytest.raises(Hidden):
        authorize(actor(bob), "container.stop", box(id="b" * 64))
    with pytest.raises(Denied) as denied:
        authorize(actor(bob), "container.stop", owned(shop))
    assert denied.value.status == 403
    assert "Stop" in denied.value.message
    with pytest.raises(Hidden):
        authorize(actor(user("kim")), "host.see", SITE)
    with pytest.raises(Hidden):
        authorize(actor(bob), "host.see", Target("host", "other", "other", "other"))


@pytest.mark.parametrize(
    ("selector", "value", "fits", "fails"),
    [
        ("name", "billing-*", {"name": "billing-db"}, {"name": "xbilling-db"}),
        ("name", "billing-*", {"name": "billing-"}, {"name": "Billing-db"}),
        ("label", "tier=front*", {"labels": {"tier": "front-1"}}, {"labels": {"tier": "back"}}),
        ("label", "tier", {"labels": {"tier": ""}}, {"labels": {"tiers": "x"}}),
        ("project", "shop", {"labels": {"com.docker.compose.project": "shop"}}, {"labels": {}}),
        ("image", "acme/*", {"image": "acme/web:1"}, {"image": "evil/acme/web:1"}),
        ("all", "", {"name": "anything"}, None),
        ("name", "", None, {"name": ""}),
        ("owned", "", None, {"name": "nobodys"}),
    ],
)
def test_a_selector_covers_what_it_says(
    shop: Team, bob: User, selector: str, value: str, fits: Any, fails: Any
) -> None:
    grant(shop, Role.OPERATOR, selector=selector, value=value)
    if fits is not None:
        assert may(actor(bob), "container.stop", box(**fits))
    if fails is not None:
        assert not may(actor(bob), "container.see", box(**fails))


def test_rights_add_up_and_each_says_why(shop: Team, bob: User) -> None:
    first = grant(shop, Role.VIEWER)
    second = grant(team("ops", bob), Role.OPERATOR, selector="name", value="web-*")
    mine = owned(shop, name="web-1")
    why = [reason.id for reason in reasons(actor(bob), "container.see", mine)]
    assert why == [first.pk, second.pk]
    assert [r.id for r in reasons(actor(bob), "container.stop", mine)] == [second.pk]


def test_a_grant_of_another_host_or_time_gives_nothing(shop: Team, bob: User) -> None:
    ends = timezone.now()
    grant(shop, Role.HOST_ADMIN, host="other")
    grant(shop, Role.HOST_ADMIN, until=ends - timedelta(seconds=1))
    assert not may(actor(bob), "container.see", owned(shop))
    assert not may(actor(bob), "host.see", HERE)
    grant(shop, Role.VIEWER, until=ends + timedelta(hours=1))
    assert may(actor(bob), "host.see", HERE)


def test_what_the_mirror_does_not_know_is_judged_by_its_owner_alone(shop: Team, bob: User) -> None:
    grant(shop, Role.DEVELOPER, extras=["container.exec"])
    grant(shop, Role.DEVELOPER, selector="name", value="*")
    mine = owned(shop)
    for id, known in ((mine.id, True), ("c" * 64, False)):
        target = Target("container", id, "any", "dock")
        assert may(actor(bob), "container.see", target) == known
        assert not may(actor(bob), "container.exec", target)


def test_leaving_and_disabling_end_it(shop: Team, bob: User) -> None:
    grant(shop, Role.VIEWER)
    mine = owned(shop)
    assert may(actor(bob), "container.see", mine)
    shop.members.remove(bob)
    assert not may(actor(bob), "container.see", mine)
    shop.members.add(bob)
    was = actor(bob)
    bob.is_active = False
    bob.save()
    assert not may(was, "container.see", mine)
    assert not may(actor(bob), "container.see", mine)


@pytest.mark.parametrize("dangers", [None, ("privileged",), ("PidMode host",)])
def test_who_reaches_the_host_through_it_enters_and_starts_it_beyond_the_fence_only(
    shop: Team, bob: User, dangers: tuple[str, ...] | None
) -> None:
    """Not the owner, nor the host's admin, nor a superuser; nor while it is not known what it may
    do."""
    grant(shop, Role.HOST_ADMIN, extras=["container.exec_root"])
    mine = owned(shop, dangers=dangers)
    for right in GUARDED:
        with pytest.raises(Denied, match="reaches its host"):
            authorize(actor(bob), right, mine)
    for right in ("container.see", "container.stop", "container.remove", "container.logs"):
        assert may(actor(bob), right, mine)
    root = actor(user("root", is_superuser=True))
    with pytest.raises(Denied, match="a superuser switches it on in the settings of dock"):
        authorize(root, "container.exec", mine)
    shown = those_of(root, ["container.exec", "container.stop"], mine)
    assert shown == (("container.stop",) if dangers else ("container.exec", "container.stop"))


def test_a_path_of_the_host_is_a_danger_unless_the_operator_allowed_it(
    shop: Team, bob: User, settings: LazySettings
) -> None:
    grant(shop, Role.OPERATOR, selector="all")
    settings.BIND_ALLOW = {"/srv/a": False, "/srv/b": True}
    for source, writable, fine in (
        ("/srv/a", False, True),
        ("/srv/a", True, False),
        ("/srv/b", True, True),
        ("/srv/b/link", False, False),
        ("/var/run/docker.sock", False, False),
    ):
        target = box(mounts=(Mount("bind", "/x", source, writable=writable),))
        assert may(actor(bob), "container.start", target) == fine, source
    assert may(actor(bob), "container.start", box(mounts=(Mount("volume", "/x", name="v"),)))


def test_an_auditor_reads_everything_and_changes_nothing() -> None:
    auditor = actor(user("eve", auditor=True))
    target = box()
    for right in RIGHTS.values():
        assert may(auditor, right.name, target) == (right.danger is Danger.READ), right.name
    with pytest.raises(Denied) as denied:
        authorize(auditor, "container.exec", target)
    assert denied.value.status == 403


def test_a_check_that_raises_denies(shop: Team, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    grant(shop, Role.VIEWER)
    mine = owned(shop)

    def broken() -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(gate, "book", broken)
    with pytest.raises(Hidden):
        authorize(actor(bob), "container.see", mine)


def test_nobody_passes_without_a_login() -> None:
    nobody = Actor(None, "")
    for right in (SIGNED_IN, "host.see", "container.see"):
        with pytest.raises(Hidden):
            authorize(nobody, right, SITE)
    with pytest.raises(Hidden):
        authorize(Actor(None, "", superuser=True), "host.see", SITE)


def test_an_unknown_right_or_kind_is_denied(shop: Team, bob: User) -> None:
    grant(shop, Role.HOST_ADMIN)
    root = actor(user("root", is_superuser=True))
    for who in (actor(bob), root):
        assert not may(who, "container.fly", box())
    assert not may(actor(bob), "container.see", Target("plugin", "x", "x", "dock"))
    for right in ("user.manage", "team.manage", "grant.manage"):
        assert not may(actor(bob), right, SITE)
    for who, known in ((bob, True), (user("kim"), False)):
        assert may(actor(bob), "user.see", Target("user", str(who.pk))) == known
