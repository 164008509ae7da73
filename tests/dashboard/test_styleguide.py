"""The styleguide is made with every partial that pages share."""

from pathlib import Path

from django.test import Client

from access.models import User
from tests.runtime import Loop
from tests.runtime import runtime as runtime

SHARED = Path(__file__).resolve().parents[2] / "templates"
# A word within others, what goes to the rail of a host, and a page's frame around what is shown.
NO_PARTS = {"_error_title.html", "_rail_counts.html", "_rail_state.html", "_inspect_page.html"}


def test_every_shared_partial_is_shown(runtime: Loop, client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    page = client.get("/styleguide/", HTTP_ACCEPT="text/html")
    used = {template.name for template in page.templates}
    assert {each.name for each in SHARED.glob("_*.html")} - NO_PARTS - used == set()
