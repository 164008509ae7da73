"""Each denial is one row: neither none nor two, whichever way it was asked."""

import pytest
from django.test import Client

from access import door
from access.errors import Denied
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
