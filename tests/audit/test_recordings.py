"""Recordings on pages: listed, played and downloaded by whom they may be, and by nobody else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit import chain, shelf
from audit.models import Entry, Kept, Recording, Result
from audit.tape import Sealed
from tests.access.people import grant, team, user
from tests.runtime import Loop
from tests.runtime import runtime as runtime

LINES = b'{"version": 2, "width": 80, "height": 24}\n[0.5, "o", "hello"]\n'


def made(name: str, person: str, host: str = "dock", days_ago: int = 0) -> Recording:
    """A recording that has ended, with its file and its row in the record."""
    row = Recording.objects.create(
        id=name * 16,
        intent_seq=int(name, 16),
        user_id=str(user(person).pk),
        user=person,
        host=host,
        container_id=name * 32,
        container=f"box-{name}",
        started=timezone.now() - timedelta(days=days_ago),
    )
    shelf.plain(row.id).write_bytes(LINES)
    sealed = shelf.mended(shelf.plain(row.id))
    shelf.seal(row, sealed)
    chain.append("container.exec", Result.OK, intent_seq=row.intent_seq, sha256=sealed.sha256)
    return row


def browser_of(name: str, **fields: bool) -> Client:
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(user(name, **fields))
    return browser


def listed(browser: Client, query: str = "") -> set[str]:
    page = browser.get(f"/recordings/{query}").content.decode()
    return {row.container for row in Recording.objects.all() if row.container in page}


@pytest.fixture
def rows(runtime: Loop) -> Iterator[dict[str, Recording]]:
    yield {
        "own": made("aa", "dev"),
        "theirs": made("bb", "other", days_ago=3),
        "elsewhere": made("cc", "other", host="quay"),
    }
    for left in shelf.directory().iterdir():
        left.unlink()


def test_each_sees_and_plays_what_is_theirs_to_see(rows: dict[str, Recording]) -> None:
    grant(team("shop", user("dev"), user("other")), "developer")
    grant(team("ops", user("ops")), "host-admin")
    may = {
        "dev": {"own"},
        "other": {"theirs"},  # what they have elsewhere went with the grant there
        "ops": {"own", "theirs"},
        "auditor": set(rows),
        "root": set(rows),
    }
    for name, seen in may.items():
        browser = browser_of(name, is_superuser=name == "root", auditor=name == "auditor")
        assert listed(browser) == {rows[one].container for one in seen}, name
        for one, row in rows.items():
            want = 200 if one in seen else 404
            for place in ("", "cast/", "download/"):
                assert browser.get(f"/recordings/{row.id}/{place}").status_code == want, (name, one)
    nobody = browser_of("nobody")
    assert nobody.get("/recordings/").status_code == 404
    assert nobody.get(f"/recordings/{rows['own'].id}/").status_code == 404
    assert Client().get(f"/recordings/{rows['own'].id}/cast/").status_code == 401
    played = Entry.objects.filter(event="recording.play", user="ops")
    assert {entry.object_id for entry in played} == {rows["own"].id, rows["theirs"].id}


def body(loop: Loop, answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return loop.run(read())


def test_the_file_is_what_was_recorded(runtime: Loop, rows: dict[str, Recording]) -> None:
    row, root = rows["own"], browser_of("root", is_superuser=True)
    answer = root.get(f"/recordings/{row.id}/download/")
    assert body(runtime, answer) == LINES
    assert answer["Content-Disposition"].endswith('.cast"')
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    shelf.pack(row)
    assert body(runtime, root.get(f"/recordings/{row.id}/cast/")) == LINES
    assert "As the audit log has it" in root.get(f"/recordings/{row.id}/").content.decode()


def test_it_is_played_also_where_that_cannot_be_recorded(rows: dict[str, Recording]) -> None:
    root = browser_of("root", is_superuser=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry"
            " BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    try:
        assert root.get(f"/recordings/{rows['own'].id}/cast/").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER full_disk")


def test_what_is_wrong_with_one_is_said(rows: dict[str, Recording]) -> None:
    row, root = rows["own"], browser_of("root", is_superuser=True)
    page = f"/recordings/{row.id}/"
    shelf.plain(row.id).write_bytes(LINES.replace(b"hello", b"hullo"))
    assert "is not what was recorded" in root.get(page).content.decode()
    forged = shelf.mended(shelf.plain(row.id))
    shelf.seal(row, forged)  # our own row along with the file: the chain still knows
    assert "is not what was recorded" in root.get(page).content.decode()
    shelf.plain(row.id).unlink()
    assert "file of this recording is gone" in root.get(page).content.decode()
    assert root.get(f"{page}cast/").status_code == 404
    Recording.objects.filter(pk=row.pk).update(state=Kept.RUNNING)
    shelf.plain(row.id).write_bytes(LINES)
    assert "still open" in root.get(page).content.decode()
    shelf.seal(row, Sealed(1, "", 1.0), "the disk of the server is full")
    assert "ends before its terminal did" in root.get(page).content.decode()


def test_filters_narrow_and_bad_ones_are_named(rows: dict[str, Recording]) -> None:
    root = browser_of("root", is_superuser=True)
    today = timezone.localdate().isoformat()
    assert listed(root, "?user=DEV") == {"box-aa"}
    assert listed(root, "?container=box-b") == {"box-bb"}
    assert listed(root, "?host=quay") == {"box-cc"}
    assert listed(root, f"?since={today}") == {"box-aa", "box-cc"}
    assert listed(root, "?until=2020-01-01") == set()
    bad = root.get("/recordings/?since=soon")
    assert bad.status_code == 200
    assert "Enter a valid date" in bad.content.decode()
    assert root.get("/recordings/?page=99999&user=%00").status_code == 200
