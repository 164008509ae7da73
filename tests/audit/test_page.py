"""The audit log as a page: found by filters, page by page, and of nothing that is another's."""

from typing import Any, cast

import pytest
from django.test import Client, RequestFactory

from access.models import User
from audit import chain, pages
from audit.models import Entry, Result
from audit.views.asked import Asked
from tests.access.people import grant, team, user
from web.request import Request

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def browser_of(person: User) -> Client:
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(person)
    return browser


@pytest.fixture
def root() -> Client:
    return browser_of(user("root", is_superuser=True))


def row(event: str = "container.stop", result: Result = Result.OK, **fields: Any) -> Entry:
    given = {"user": "ada", "user_id": "7", "host": "dock", "object_kind": "container"}
    return chain.append(event, result, **{**given, "object_name": "web", **fields})


def found(browser: Client, query: str, **more: str) -> list[int]:
    response = browser.get("/audit/", {"q": query, **more})
    assert response.status_code == 200
    return [shown.entry.seq for shown in response.context["rows"]]


def asked(query: str) -> list[int]:
    request = cast(Request, RequestFactory().get("/audit/", {"q": query}))
    return [entry.seq for entry in Asked.of(request).among(Entry.objects.all())]


CAST = [
    {"user": "ada", "object_name": "shop-web-1", "object_id": "ab" * 32, "address": "192.0.2.7"},
    {"event": "image.pull", "user": "Bob", "object_name": "nginx:1", "host": "other"},
    {"result": Result.DENIED, "user": "bob", "address": "2001:db8::1", "reason": "none of yours"},
    {"result": Result.FAILED, "command_line": "docker stop --time=10 x", "request_id": "e" * 32},
    {"event": "session.login", "object_kind": "user", "user": "müller", "host": ""},
]


FILTERS: dict[str, list[int]] = {
    "": [5, 4, 3, 2, 1],
    "user:ada": [4, 1],
    "user:bob": [3],
    "user:Bob": [3, 2],
    "user:bob,ada": [4, 3, 1],
    "user:MÜLLER": [5],
    "user:m*": [5],
    "-user:ada": [5, 3, 2],
    "event:container.stop": [4, 3, 1],
    "event:container": [4, 3, 1],
    "event:image.*": [2],
    "result:denied,failed": [4, 3],
    "host:other": [2],
    "object:shop": [1],
    "object:ABAB": [],
    "id:abab": [1],
    "kind:user": [5],
    "address:192.0.2.7": [1],
    "address:192.0.": [1],
    "address:2001:db8:": [3],
    "request:" + "e" * 32: [4],
    "row:3": [3],
    "from:1h": [5, 4, 3, 2, 1],
    "to:1h": [],
    "from:2020-01-01 to:2020-01-02T10:30": [],
    "from:2020-01-01T00:00:00Z": [5, 4, 3, 2, 1],
    "yours": [3],
    "nginx": [2],
    "time=10 stop": [4],
    '"stop --time=10"': [4],
    "shop user:bob": [],
    "user:": [5, 4, 3, 2, 1],
}


def test_filters(root: Client) -> None:
    for fields in CAST:
        row(**fields)  # type: ignore[arg-type]
    assert {query: asked(query) for query in FILTERS} == FILTERS
    assert found(root, "object:shop") == [1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("usr:ada", "Did you mean user:?"),
        ("result:wrong", "is unknown"),
        ("from:yesterday", "is no time"),
        ("from:2026-02-30", "no such day"),
        ("row:one", "no number"),
        ("to:99999-01-01", "is no time"),
        ("to:9999-12-31", "no such day"),
        ("-to:9999-12-31T23:59", "no such day"),
        ("from:0001-01-01", "no such day"),
        ("from:0001-01-01T00:00+10:00", "no such day"),
        (" ".join("abcde" * 9), "at most 40 words"),
        ("user:" + ",".join("abcde" * 9), "at most 40 words"),
    ],
)
def test_what_cannot_be_understood_is_said_and_finds_nothing(
    root: Client, query: str, words: str
) -> None:
    row()
    response = root.get("/audit/", {"q": query})
    assert (response.status_code, list(response.context["rows"])) == (200, [])
    assert words in response.content.decode()


@pytest.mark.parametrize(
    "bad", ["a\0b", "'\"--;", "%", "x" * 5000, "from:9999999999999d", "\ud800"]
)
def test_strange_text_is_a_page(root: Client, bad: str) -> None:
    assert root.get("/audit/", {"q": bad.encode("utf8", "replace")}).status_code == 200
    for name in ("before", "after", "user", "from"):
        given = {"fields": "1", name: bad.encode("utf8", "replace")}
        assert root.get("/audit/", given).status_code == 200


def test_the_single_fields_write_the_filter(root: Client) -> None:
    row()
    row(user="eve adams")
    response = root.get("/audit/", {"q": "web user:ada", "fields": "1", "user": "eve adams"})
    assert response.context["asked"].text == 'web user:"eve adams"'
    assert [shown.entry.user for shown in response.context["rows"]] == ["eve adams"]
    assert 'value="eve adams"' in response.content.decode()


def test_pages_go_by_rows_in_both_directions(root: Client) -> None:
    for _ in range(250):
        row()
    first = root.get("/audit/")
    assert [shown.entry.seq for shown in first.context["rows"]] == list(range(250, 150, -1))
    row()  # what comes meanwhile shifts nothing
    second = root.get("/audit/" + first.context["older"])
    assert [shown.entry.seq for shown in second.context["rows"]] == list(range(150, 50, -1))
    third = root.get("/audit/" + second.context["older"])
    assert [shown.entry.seq for shown in third.context["rows"]] == list(range(50, 0, -1))
    assert third.context["older"] == ""
    back = root.get("/audit/" + third.context["newer"])
    assert [shown.entry.seq for shown in back.context["rows"]] == list(range(150, 50, -1))


def test_a_look_that_takes_too_long_says_how_far_it_came(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = row(object_name="needle").seq
    for _ in range(30):
        row()
    monkeypatch.setattr(pages, "FIRST_SPAN", 10)
    monkeypatch.setattr(pages, "next_span", lambda span, took: 10)
    monkeypatch.setattr(pages, "SECONDS", -1.0)
    late = root.get("/audit/", {"q": "needle"})
    assert list(late.context["rows"]) == []
    monkeypatch.setattr(pages, "SECONDS", 60.0)
    further = root.get("/audit/" + late.context["older"])
    assert [shown.entry.seq for shown in further.context["rows"]] == [first]


def test_an_intent_is_one_with_its_result_unless_asked_for(root: Client) -> None:
    done = row(result=Result.INTENT).seq
    result = row(intent_seq=done).seq
    open_one = row(result=Result.INTENT).seq
    assert found(root, "") == [open_one, result]
    assert found(root, "result:all") == [open_one, result, done]
    assert found(root, "result:open") == [open_one]


def test_a_row_opens_with_all_its_fields_and_what_belongs_to_it(root: Client) -> None:
    values = {
        "was": {"role": "viewer", "host": "dock"},
        "now": {"role": "operator", "host": "dock"},
    }
    intent = row("grant.manage", Result.INTENT, parameters=values, command_line="x <b>").seq
    result = row("grant.manage", intent_seq=intent, parameters=values, duration_us=1500).seq
    page = root.get(f"/audit/{result}/").content.decode()
    for words in ("viewer", "operator", "the same", "0.002 s", Entry.objects.get(seq=result).hash):
        assert words in page
    assert f'href="/audit/{intent}/"' in page
    part = root.get(f"/audit/{intent}/", headers=HTMX).content.decode()
    assert "<html" not in part
    assert "x &lt;b&gt;" in part
    assert f'href="/audit/{result}/"' in part
    for nowhere in ("99", "9" * 30):
        assert root.get(f"/audit/{nowhere}/").status_code == 404


def test_who_sees_what(root: Client) -> None:
    bob, kim = user("bob"), user("kim")
    grant(team("shop", bob), "viewer")
    grant(team("ops", kim), "host-admin")
    own = row(user="bob", user_id=str(bob.pk), host="other").seq
    hosts, elsewhere = row().seq, row(host="other", object_name="hush-hush").seq
    assert found(browser_of(bob), "") == [own]
    assert found(browser_of(kim), "") == [hosts]
    assert found(browser_of(user("eve", auditor=True)), "") == [elsewhere, hosts, own]
    for browser in (browser_of(bob), browser_of(kim)):
        assert "hush" not in browser.get("/audit/?q=result:all").content.decode()
        assert browser.get(f"/audit/{elsewhere}/").status_code == 404
    assert found(browser_of(bob), f"row:{hosts}") == []


def test_the_tail_brings_only_what_is_new_and_fits(root: Client) -> None:
    last = row().seq
    new = row(user="bob").seq
    row(user="eve")
    news = root.get(f"/audit/?tail=1&after={last}&q=user:bob", headers=HTMX)
    assert news.templates[0].name == "audit/_news.html"
    assert [shown.entry.seq for shown in news.context["rows"]] == [new]
    assert root.get(f"/audit/?tail=1&after={new + 1}", headers=HTMX).content.strip() == b""
