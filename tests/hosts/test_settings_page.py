"""A host's settings: changed by superusers only, with old and new on record."""

from django.test import Client

from audit.models import Entry, Result
from hosts.models import Host
from tests.access.people import grant, team, user
from tests.runtime import Loop
from tests.runtime import runtime as runtime

PAGE = "/hosts/dock/settings/"


def browser_of(name: str, **fields: bool) -> Client:
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(user(name, **fields))
    return browser


def test_a_setting_is_changed_with_old_and_new_on_record(runtime: Loop) -> None:
    root = browser_of("root", is_superuser=True)
    form = {"recording": "required"}
    assert "Settings of dock" in root.get(PAGE).content.decode()
    assert PAGE in root.get("/hosts/dock/").content.decode()
    assert root.post(PAGE, form)["Location"] == PAGE
    assert Host.objects.get(slug="dock").recording == "required"
    said = Entry.objects.get(event="host.manage", result=Result.OK).parameters
    assert (said["was"]["recording"], said["now"]["recording"]) == ("off", "required")
    assert root.post(PAGE, form | {"recording": "sometimes"}).status_code == 422
    assert Host.objects.get(slug="dock").recording == "required"
    assert root.get("/hosts/nowhere/settings/").status_code == 404


def test_nobody_else_has_the_page(runtime: Loop) -> None:
    admin = browser_of("admin")
    grant(team("ops", user("admin")), "host-admin")
    auditor = browser_of("auditor", auditor=True)
    for browser, status in ((admin, 403), (auditor, 403), (browser_of("nobody"), 404)):
        assert browser.get(PAGE).status_code == status
        assert browser.post(PAGE, {"recording": "on"}).status_code == status
        assert PAGE not in browser.get("/hosts/dock/").content.decode()
    assert Host.objects.get(slug="dock").recording == "off"
    assert Entry.objects.filter(event="host.manage", result=Result.DENIED).count() >= 3
