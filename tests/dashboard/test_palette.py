"""What letters lead to: nearest first, and never what one may not see or do."""

from collections.abc import Callable

import pytest
from django.test import Client

from access.models import User
from dashboard.palette_match import fit
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.runtime import Loop, until

Make = Callable[..., str]


def test_nearer_names_come_first() -> None:
    names = ["web", "web-shop", "shop-web", "cobweb", "worker-exb", "shop"]
    ranked = sorted(names, key=lambda name: -fit("web", name))
    assert ranked[:5] == names[:5]
    assert fit("web", "shop") == 0
    assert fit("wxb", "worker-exb") > 0
    assert fit("shop", "shop-a") > fit("shop", "shop-a-much-longer-one")
    assert fit("", "anything") == 1


@pytest.mark.parametrize("letters", ["a" * 200, "%", "é", "a b c", ""])
def test_any_letters_are_taken(letters: str) -> None:
    assert fit(letters, "a name") >= 0


def test_only_what_one_may_see_and_do(runtime: Loop, client: Client, container: Make) -> None:
    ours = container("sleep", "600", options=("--name", "palette-ours"))
    theirs = container("sleep", "600", options=("--name", "palette-theirs"))
    until(lambda: {ours, theirs} <= set(engine_of("dock").mirror.snapshot.containers))
    grant(team("shop", user("bob")), role="operator", selector="name", value="palette-ours")
    client.force_login(User.objects.get(username="bob"))
    page = client.get("/palette/", {"q": "palette-", "host": "dock"}).text
    assert f"/hosts/dock/containers/{ours}/restart/" in page
    assert theirs not in page
    assert "/terminal/" not in page
    assert "/remove/" not in page
    asked = client.get("/palette/", {"q": "restart palette", "host": "dock"}).text
    assert f"{ours}/restart/" in asked
    assert f"{ours}/logs/" not in asked
    assert "palette-theirs" not in asked
    none = client.get("/palette/", {"q": "rm palette-ours", "host": "nowhere"}).text
    assert "Nothing of that name" in none


def test_pages_are_found_and_the_lines_come_alone(runtime: Loop, client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    fragment = {"HX-Request": "true", "HX-Request-Type": "partial"}
    lines = client.get("/palette/", {"q": "audit", "part": "results"}, headers=fragment).text
    assert "/audit/" in lines
    assert "<dialog" not in lines
    assert "<dialog" in client.get("/palette/", headers=fragment).text
