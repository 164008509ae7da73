"""Two containers beside each other, or one and its image: what differs, and no secret."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.runtime import Loop, until
from web.inspect_compare import differences

Make = Callable[..., str]


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ({"A": 1}, {"A": 1}, []),
        ({"A": 1}, {"A": 2}, [(".A", "1", "2")]),
        ({"A": 1}, {"A": True}, [(".A", "1", "true")]),
        ({"A": {"80/tcp": "x"}}, {"A": {}}, [('.A["80/tcp"]', "x", None)]),
        ({}, {"B": "y"}, [(".B", None, "y")]),
        ({"A": None, "B": []}, {"A": "", "C": {}}, []),
        ({"E": ["A=1", "B=2"]}, {"E": ["B=2", "C=3"]}, [(".E", "A=1", None), (".E", None, "C=3")]),
        ({"E": ["A=1"]}, {"E": None}, [(".E", "A=1", None)]),
        ({"C": ["a", "b"]}, {"C": ["b", "a"]}, [(".C", '["a", "b"]', '["b", "a"]')]),
        ({"H": "x"}, {"H": ""}, [(".H", "x", None)]),
        ({"M": [{"S": "/a"}]}, {"M": [{"S": "/b"}, {}]}, [(".M[0].S", "/a", "/b")]),
    ],
)
def test_only_what_differs(left: Any, right: Any, found: list[Any]) -> None:
    assert [(one.path, one.left, one.right) for one in differences(left, right)] == found


def test_a_long_environment_is_compared_at_once() -> None:
    """An image that was loaded may bring as many as it likes: it took minutes for these."""
    env = [f"{name}=1" for name in range(30_000)]
    looked = 0

    class Counted(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal looked
            looked += 1
            return str.__eq__(self, other)

    ours, its = [Counted(each) for each in env[:300]], [Counted(each) for each in env[1:301]]
    found = [(one.left, one.right) for one in differences({"E": ours}, {"E": its})]
    assert found == [("0=1", None), (None, "300=1")]
    assert looked < 3000
    assert not list(differences({"E": env}, {"E": [*reversed(env)]}))


def test_containers_and_images_are_compared(runtime: Loop, client: Client, container: Make) -> None:
    secret = ("-e", "DB_PASSWORD=one", "-e", "STAGE=prod", "--name", "compare-ours")
    ours = container("sleep", "600", options=secret)
    theirs = container("sleep", "601", options=("-e", "DB_PASSWORD=two", "--name", "compare-other"))
    until(lambda: {ours, theirs} <= set(engine_of("dock").mirror.snapshot.containers))
    address = f"/hosts/dock/containers/{ours}/inspect/compare/"
    client.force_login(User.objects.create_superuser("ada"))
    image = client.get(address).text
    assert "STAGE=prod" in image
    assert "DB_PASSWORD=one" not in image
    other = client.get(address, {"with": "compare-other"}).text
    assert "600&quot;" in other
    assert "601&quot;" in other
    assert "DB_PASSWORD=two" not in other
    grant(team("shop", user("bob")), role="viewer", selector="name", value="compare-ours")
    client.force_login(User.objects.get(username="bob"))
    hidden = client.get(address, {"with": "compare-other"})
    assert "There is no container compare-other here that you may see." in hidden.text
    assert 'compare-other"></option>' not in hidden.text
