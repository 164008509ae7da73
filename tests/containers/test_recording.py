"""What a terminal shows is recorded, byte by byte as it passes; what is typed is not."""

import gzip
import json
import re
import time

import pyte
from django.conf import LazySettings
from django.utils import timezone

from audit import keeper, shelf
from audit.models import Entry, Kept, Recording, Result
from tests.conftest import DockerCli
from tests.containers.recording_cast import Wanted, cast_of, ended, text_of
from tests.containers.recording_cast import wanted as wanted
from tests.containers.terminal_cast import Make, results
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.runtime import runtime as runtime
from tests.runtime import until


def played(row: Recording) -> pyte.Screen:
    head, *events = cast_of(row)
    screen = pyte.Screen(head["width"], head["height"])
    stream = pyte.Stream(screen)
    for _at, kind, data in events:
        if kind == "o":
            stream.feed(data)
        else:
            cols, rows = map(int, data.split("x"))
            screen.resize(rows, cols)
    return screen


def test_a_recording_shows_what_the_terminal_showed(
    terminal: Make, wanted: Wanted, box: str, docker_cli: DockerCli
) -> None:
    """Wide characters cut in the middle, colours, a full-screen program, a resize."""
    wanted("on")
    text = "漢字かな 🐳 é\r\n".encode()
    slow = "for b in $(seq 1 {n}); do dd bs=1 count=1 2>/dev/null; sleep 0.005; done < /tmp/t"
    docker_cli("exec", "-i", box, "sh", "-c", "cat > /tmp/t", input=text)
    shell = terminal(cols=70, rows=20)
    assert shell.told("started")["recording"] == "on"
    shell.shows("# ")
    shell.type(f"stty -echo; {slow.format(n=len(text))}; stty echo\n")
    shell.shows("🐳 é")
    shell.type(
        "printf '\\033[1;31mred\\033[0m\\n'; seq 1 500 > /tmp/n; vi /tmp/n; echo left-$((1+1))\n"
    )
    until(lambda: re.search(rb"1/500.*\x1b\[1;1H$", shell.output))
    at = len(shell.output)
    shell.resize(90, 30)
    until(lambda: b"\x1b[30;1H" in shell.output)
    shell.type("G")
    shell.shows("500/500")
    shell.type(":q\n")
    shell.shows("left-2")
    shell.type("read -s word; exit\n")
    time.sleep(0.3)
    shell.type("s3cret-never-shown\n")
    row = ended(shell)
    head, *events = cast_of(row)
    assert (head["version"], head["width"], head["height"]) == (2, 70, 20)
    assert text_of(row) == shell.output.decode()
    assert [event[2] for event in events if event[1] == "r"] == ["90x30"]
    assert [event[0] for event in events] == sorted(event[0] for event in events)
    assert "�" not in text_of(row)
    assert "s3cret-never-shown" not in json.dumps(cast_of(row))
    seen = pyte.Screen(70, 20)
    stream = pyte.ByteStream(seen)
    stream.feed(bytes(shell.output[:at]))
    seen.resize(30, 90)
    stream.feed(bytes(shell.output[at:]))
    assert played(row).display == seen.display


def test_its_hash_stands_in_the_record_and_it_is_packed(terminal: Make, wanted: Wanted) -> None:
    wanted("required")
    shell = terminal(command="sh -c 'echo kept'")
    row = ended(shell)
    entry = until(lambda: [e for e in results() if e.result == "ok"])[-1]
    assert (row.state, entry.sha256, row.size) == (
        Kept.WHOLE,
        row.sha256,
        entry.parameters["recording_bytes"],
    )
    assert (entry.parameters["recording"], row.intent_seq) == (row.id, entry.intent_seq)
    assert shelf.plain(row.id).stat().st_mode & 0o777 == 0o600
    assert shelf.is_as_recorded(row)
    keeper.keep()
    row.refresh_from_db()
    assert not shelf.plain(row.id).exists()
    assert row.stored == shelf.packed(row.id).stat().st_size
    assert shelf.packed(row.id).stat().st_mode & 0o777 == 0o600
    assert shelf.is_as_recorded(row)
    assert "kept" in text_of(row)
    whole = gzip.decompress(shelf.packed(row.id).read_bytes())
    shelf.packed(row.id).write_bytes(gzip.compress(whole.replace(b"kept", b"kopt")))
    assert not shelf.is_as_recorded(row)


def test_off_records_nothing(terminal: Make, wanted: Wanted) -> None:
    shell = terminal(command="echo x")
    shell.ending(30)
    assert not Recording.objects.exists()
    assert shell.told("started")["recording"] == "off"


def test_too_long_it_ends_the_terminal_and_is_whole(
    terminal: Make, wanted: Wanted, settings: LazySettings
) -> None:
    wanted("on")
    settings.RECORDING_BYTES = 64 * 1024
    shell = terminal(command="sh -c 'while :; do seq 1 1000; sleep 0.05; done'")
    ending = shell.ending(30)
    assert ending["kind"] == "recording-full"
    assert "64.0 KiB" in ending["reason"]
    row = ended(shell)
    assert row.state == Kept.WHOLE
    assert text_of(row) == shell.output.decode()


def test_a_killed_server_leaves_one_that_ends_early(wanted: Wanted) -> None:
    fields = {"intent_seq": 1, "user_id": "1", "user": "ada", "host": "dock", "sha256": ""}
    row = Recording.objects.create(id="ab" * 16, started=timezone.now(), **fields)
    lines = b'{"version": 2, "width": 80, "height": 24}\n[1.5, "o", "hello"]\n'
    shelf.plain(row.id).write_bytes(lines + b'[2.5, "o", "hal')
    gone = Recording.objects.create(id="cd" * 16, started=timezone.now(), **fields)
    assert shelf.close_left() == 2
    row.refresh_from_db()
    assert (row.state, row.note, row.seconds) == (Kept.CUT, shelf.STOPPED, 1.5)
    assert shelf.plain(row.id).read_bytes() == lines
    assert shelf.is_as_recorded(row)
    closed = Entry.objects.get(event="recording.close", object_id=row.id)
    assert closed.sha256 == row.sha256
    gone.refresh_from_db()
    assert gone.state == Kept.CUT
    assert not shelf.is_as_recorded(gone)


def made(name: str, days_ago: int, size: int) -> Recording:
    row = Recording.objects.create(
        id=name * 16,
        intent_seq=1,
        started=timezone.now() - timezone.timedelta(days=days_ago),
        state=Kept.WHOLE,
        host="dock",
        user="ada",
        sha256="0" * 64,
        size=size,
        stored=size,
    )
    shelf.packed(row.id).write_bytes(b"x" * size)
    return row


def test_the_old_and_the_too_much_go_and_that_is_recorded(
    wanted: Wanted, settings: LazySettings
) -> None:
    settings.RECORDING_DAYS, settings.RECORDINGS_BYTES = 30, 2500
    rows = [made("aa", 40, 10), made("bb", 3, 1000), made("cc", 2, 1000), made("dd", 1, 1000)]
    keeper.keep()
    assert {row.id[:2] for row in Recording.objects.all()} == {"cc", "dd"}
    assert [shelf.packed(row.id).exists() for row in rows] == [False, False, True, True]
    said = Entry.objects.filter(event="recording.remove", result=Result.OK).order_by("seq")
    assert [(entry.object_id, entry.reason) for entry in said] == [
        ("aa" * 16, "older than 30 days"),
        ("bb" * 16, "all together more than 2500 bytes"),
    ]
    assert Entry.objects.filter(event="recording.remove", result=Result.INTENT).count() == 2
    settings.RECORDING_DAYS = settings.RECORDINGS_BYTES = 0
    keeper.keep()
    assert Recording.objects.count() == 2
