"""Where one goes on to after a login or a question: a page of this site, whatever is asked for."""

import pytest
from django.test import Client, RequestFactory

from access.models import User
from tests.access.logins import PASSWORD
from web.addresses import LONGEST, own_path, way_back

# Words that Django would look up as names of views, other sites, and what a cookie cannot hold.
NOT_OURS = ["foo", "person-rights", "?embed=1", "#x", ".", "login", "javascript:alert(1)"]
NOT_OURS += ["//evil.example/", "/\\evil.example/", "https://evil.example/", "http://[", ""]
NOT_OURS += ["http:///evil.example/", "/" + "a" * LONGEST, "/" + "a" * 5000]


@pytest.mark.parametrize("address", NOT_OURS)
def test_only_addresses_of_this_site_lead_on(address: str) -> None:
    request = RequestFactory().post("/here/", {"next": address})
    assert own_path(request, address) == "/"
    assert way_back(request, "/list/") == "/list/"


@pytest.mark.parametrize("address", ["/teams/?q=a%20b", "http://testserver/teams/?q=a%20b"])
def test_of_an_address_of_this_site_path_and_query_are_kept(address: str) -> None:
    request = RequestFactory().get("/here/", {"next": address})
    assert own_path(request, address) == "/teams/?q=a%20b"
    assert way_back(request, "/") == "/teams/?q=a%20b"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["foo", "person-rights", "?embed=1"])
def test_a_login_and_a_proof_go_on_to_the_overview_instead(address: str) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    browser = Client()
    given = {"username": "ada", "password": PASSWORD, "next": address}
    assert browser.post("/login/", given)["Location"] == "/"
    given = {"secret": PASSWORD, "next": address}
    assert browser.post("/account/step-up/", given)["Location"] == "/"
