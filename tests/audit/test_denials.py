"""Each denial is one row: neither none nor two, whichever way it was asked."""

import pytest
from django.test import Client

from access import door, sight
from access.errors import Denied, Hidden
from access.targets import Target
from audit.models import Entry, Result
from jobs import runner
from tests.access.people import actor, grant, team, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Client:
    grant(team("shop", user("bob")), "viewer")
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(user("bob"))
    return browser


def denials() -> list[str]:
    found = Entry.objects.order_by("seq")
    assert not found.exclude(result=Result.DENIED).exists()
    return list(found.values_list("event", flat=True))


def test_of_a_page_that_changes_something(bob: Client) -> None:
    assert bob.post("/teams/add/", {"slug": "x", "name": "X"}).status_code == 403
    assert denials() == ["team.manage"]
    assert bob.get("/teams/add/").status_code == 403
    assert denials() == ["team.manage"] * 2


def test_but_not_of_a_mere_look_which_an_open_page_repeats(bob: Client) -> None:
    assert bob.get("/people/").status_code == 403
    assert denials() == []


def test_of_a_job_and_of_a_rule_beyond_the_gate() -> None:
    viewer = actor(user("bob"))
    with pytest.raises(Denied):
        runner.start(viewer, "audit.verify", "", {})
    assert denials() == ["audit.verify"]
    target = Target("container", "ab" * 32, "web", "dock")
    with pytest.raises(Denied), door.judged(viewer, "container.stop", target):
        raise Denied("no")
    assert denials() == ["audit.verify", "container.stop"]


def test_what_is_hidden_is_not_named_to_whoever_asked_for_it() -> None:
    """A number tried at random must not become a name by way of one's own record."""
    viewer, target = actor(user("bob")), Target("team", "3", "the secret team")
    grant(team("shop", user("bob")), "viewer")
    for refusal in (Hidden(), Denied("seen, but not theirs to change")):
        with pytest.raises(Denied), door.judged(viewer, "team.manage", target):
            raise refusal
    assert denials() == ["team.manage"] * 2
    assert [entry.reason for entry in sight.entries(viewer)] == ["seen, but not theirs to change"]
    auditor = actor(user("eve", auditor=True))
    assert sight.entries(auditor).count() == 2
    hosts = Target("container", "ab" * 32, "web", "dock")
    with pytest.raises(Hidden), door.change(viewer, "container.stop", hosts, timeout=3):
        pass
    grant(team("ops", user("kim")), "host-admin")
    seen = sight.entries(actor(user("kim")))
    assert [entry.object_name for entry in seen] == ["web"]
    assert seen[0].parameters == {"timeout": 3, "hidden": True}
