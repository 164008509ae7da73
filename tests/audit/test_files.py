"""The record as a file and its verification: by the page and by the command."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from access.actors import Actor
from audit import actions, chain, sockets
from audit.export import COLUMNS, STEP, Export, cell
from audit.models import Entry, Result
from jobs.models import Job
from tests.access.people import actor, grant, team, user
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from web import reading

HTML = {"HTTP_ACCEPT": "text/html"}


def row(**fields: Any) -> Entry:
    return chain.append("container.stop", Result.OK, **{"user": "ada", "host": "dock", **fields})


def browser_of(name: str, **fields: Any) -> Client:
    browser = Client(**HTML)
    browser.force_login(user(name, **fields))
    return browser


def body(response: Any, loop: Loop) -> bytes:
    async def whole() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return loop.run(whole())


@pytest.fixture
def saved(runtime: Loop) -> Callable[..., bytes]:
    def save(browser: Client, form: str, query: str = "") -> bytes:
        response = browser.get("/audit/export/", {"format": form, "q": query})
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        return body(response, runtime)

    return save


def test_json_lines_can_be_verified_by_anybody(saved: Callable[..., bytes]) -> None:
    for name in ("a", "Ä", "c\nd"):
        row(object_name=name, parameters={"z": 1, "a": [None, True]})
    lines = saved(browser_of("root", is_superuser=True), "jsonl").decode().splitlines()
    previous = "0" * 64
    for line in map(json.loads, lines):
        given, before = line.pop("hash"), line.pop("previous_hash")
        text = json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert before == previous
        assert given == (previous := hashlib.sha256((before + text).encode()).hexdigest())
    assert len(lines) == 4  # its own intent is in it


def test_an_export_is_recorded_with_what_went(saved: Callable[..., bytes]) -> None:
    row(object_name="web")
    row(object_name="db")
    data = saved(browser_of("root", is_superuser=True), "csv", "object:web")
    found = list(csv.DictReader(io.StringIO(data.decode())))
    assert [line["object_name"] for line in found] == ["web"]
    assert tuple(found[0]) == COLUMNS
    intent, result = Entry.objects.filter(event="audit.export").order_by("seq")
    assert (intent.result, result.intent_seq) == (Result.INTENT, intent.seq)
    assert result.parameters == {"form": "csv", "filter": "object:web", "rows": 1}
    assert (result.bytes, result.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_an_export_holds_only_what_may_be_read(saved: Callable[..., bytes]) -> None:
    bob = user("bob")
    grant(team("shop", bob), "viewer")
    row(object_name="hush")
    row(object_name="mine", user_id=str(bob.pk))
    data = saved(browser_of("bob"), "jsonl", "result:all").decode()
    assert "hush" not in data
    assert '"object_name":"mine"' in data


@pytest.mark.django_db
def test_what_cannot_be_exported_is_said() -> None:
    root = browser_of("root", is_superuser=True)
    for query, words in (("format=xls", "format:"), ("q=from:never", "is no time")):
        refused = root.get(f"/audit/export/?{query}")
        assert (refused.status_code, words in refused.content.decode()) == (422, True)
    assert not Entry.objects.filter(event="audit.export").exists()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|x", "\uff1d1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("a" + text.lstrip()) == "a" + text.lstrip()


@pytest.mark.parametrize("between", [";", "; ", "\t", "\n", '";'])
def test_no_part_of_a_cell_is_a_formula(between: str) -> None:
    """Where a decimal comma is usual, a spreadsheet takes the semicolon for the separator."""
    assert cell(f"a{between}=1+1") == f"a{between}'=1+1"
    assert cell({"a": f"{between}=1+1"}).find(";=") == -1
    assert cell("Mozilla/5.0 (X11; Linux; rv:128)") == "Mozilla/5.0 (X11; Linux; rv:128)"


@pytest.mark.django_db
def test_an_export_holds_few_rows_at_a_time_and_ends_where_it_began() -> None:
    entries = [
        Entry(seq=seq, time=timezone.now(), event="x", result="ok", hash="", previous_hash="")
        for seq in range(1, 2 * STEP + 2)
    ]
    Entry.objects.bulk_create(entries)
    export = Export(Entry.objects.all(), "jsonl")
    Entry.objects.bulk_create(
        [Entry(seq=2 * STEP + 2, time=timezone.now(), event="late", result="ok")]
    )
    pieces = list(export.pieces())
    assert [piece.count(b"\n") for piece in pieces] == [STEP, STEP, 1]
    assert b"late" not in pieces[-1]


def test_a_reader_who_goes_away_is_recorded(runtime: Loop) -> None:
    row()
    admin = Actor(user_id=user("root", is_superuser=True).pk, username="root", superuser=True)

    pieces = aiter(actions.export(admin, Entry.objects.all(), "csv", ""))

    async def first() -> None:
        await anext(pieces)
        await pieces.aclose()  # type: ignore[attr-defined]

    runtime.run(first())
    last = Entry.objects.get(event="audit.export", result=Result.FAILED)
    assert last.reason == actions.AWAY


def test_two_exports_at_a_time_and_one_that_nobody_reads_is_over(
    runtime: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "UNREAD_SECONDS", 0.5)
    root = browser_of("root", is_superuser=True)
    answers = [root.get("/audit/export/", {"format": "csv"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    until(lambda: Entry.objects.filter(event="audit.export", reason=actions.AWAY).count() == 2)
    assert body(root.get("/audit/export/", {"format": "csv"}), runtime)
    assert body(answers[0], runtime) == b""


def test_verification_is_a_job_that_names_the_broken_row(runtime: Loop) -> None:
    root = browser_of("root", is_superuser=True)
    for _ in range(3):
        row()
    assert verified(root).result["rows"] >= 4
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET user_id = 'x' WHERE seq = 2")
    job = verified(root)
    assert (job.state, job.error[:17]) == ("failed", "Row 2 is broken: ")
    failed = Entry.objects.get(event="audit.verify", result=Result.FAILED)
    assert failed.reason.startswith("Row 2 is broken")
    grant(team("shop", user("bob")), "host-admin")
    assert browser_of("bob").post("/audit/verify/").status_code == 403


def verified(browser: Client) -> Job:
    page = browser.post("/audit/verify/")
    id = page["Location"].strip("/").split("/")[-1]
    return until(lambda: Job.objects.filter(pk=id, finished__isnull=False).first(), 30)


@pytest.mark.django_db
def test_the_command_verifies_and_prints_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    head = [row() for _ in range(3)][-1].hash
    call_command("audit", "verify")
    assert f"head 3:{head}" in capsys.readouterr().out
    assert Entry.objects.get(event="audit.verify").sha256 == head
    call_command("audit", "verify", "--head", f"3:{head}")
    with pytest.raises(CommandError, match=r"Row 9 is broken: .* ends before it"):
        call_command("audit", "verify", "--head", f"9:{head}")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq = 2")
    with pytest.raises(CommandError, match="Row 2 is broken: it is missing") as broken:
        call_command("audit", "verify")
    assert broken.value.returncode == 1


@pytest.mark.django_db
def test_the_command_exports_what_is_asked_for(tmp_path: Path) -> None:
    row(user="bob")
    row()
    file = tmp_path / "out.csv"
    call_command("audit", "export", "--format=csv", f"--output={file}", "--user=bob", "--from=1h")
    found = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [line["user"] for line in found] == ["bob"]
    result = Entry.objects.get(event="audit.export", result=Result.OK)
    assert result.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert result.parameters["filter"] == {"user": "bob", "from": "1h"}
    with pytest.raises(CommandError, match="exists"):
        call_command("audit", "export", f"--output={file}")
    with pytest.raises(CommandError, match="is no time"):
        call_command("audit", "export", "--from=never")


def test_the_tail_tells_of_nothing_that_is_hidden(runtime: Loop) -> None:
    bob = user("bob")
    grant(team("shop", bob), "viewer")
    last = row().seq
    hidden = row(object_name="hush").seq
    assert sockets.news_since(actor(bob), last) == (hidden, False)
    assert sockets.news_since(root_actor(), last) == (hidden, True)
    told = Told(runtime, actor(bob))
    until(lambda: told.count == 1)
    own = row(user_id=str(bob.pk)).seq
    assert sockets.news_since(actor(bob), hidden) == (own, True)
    until(lambda: told.count == 2)
    runtime.run(told.end())


def root_actor() -> Actor:
    return actor(user("root", is_superuser=True))


class Told:
    """Counts what one watcher is told."""

    def __init__(self, loop: Loop, who: Actor) -> None:
        self.count = 0
        self._task = asyncio.run_coroutine_threadsafe(self._watch(who), loop.loop)

    async def _watch(self, who: Actor) -> None:
        async for message in sockets.follow(who):
            assert message == {"event": "audit-changed", "ids": []}
            self.count += 1

    async def end(self) -> None:
        self._task.cancel()
