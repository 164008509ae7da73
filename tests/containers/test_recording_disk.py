"""Recordings where the disk is full or hangs."""

from typing import Any

from audit import shelf, tape
from audit.models import Kept, Recording, Result
from audit.tape import Tape
from containers.terminals import terminals
from tests.conftest import DockerCli
from tests.containers.recording_cast import Wanted, ended, text_of
from tests.containers.recording_cast import wanted as wanted
from tests.containers.terminal_cast import Make, of_ada, processes, results
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

NEVER = 2**60


def test_a_full_disk_refuses_where_recordings_are_required(
    terminal: Make, wanted: Wanted, box: str, docker_cli: DockerCli, monkeypatch: Any
) -> None:
    wanted("required")
    monkeypatch.setattr(tape, "FREE_BYTES", NEVER)
    shell = terminal(command="touch /tmp/it-ran")
    reason = shell.ending(30)["reason"]
    assert "cannot be recorded: the disk of the server is full" in reason
    assert docker_cli("exec", box, "ls", "/tmp/it-ran", check=False).returncode != 0
    assert not Recording.objects.exists()
    until(lambda: results()[-1].result == Result.FAILED)


def test_a_disk_that_fills_up_ends_a_required_one(
    terminal: Make, wanted: Wanted, box: str, docker_cli: DockerCli, monkeypatch: Any
) -> None:
    wanted("required")
    shell = terminal()
    shell.shows("# ")
    monkeypatch.setattr(tape, "FREE_BYTES", NEVER)
    shell.type("sleep 9001\n")
    ending = shell.ending(30)
    assert ending["kind"] == "unrecorded"
    assert "this one was ended: the disk of the server is full" in ending["reason"]
    row = ended(shell)
    assert (row.state, row.note) == (Kept.CUT, "the disk of the server is full")
    assert text_of(row) in shell.output.decode()
    assert shelf.is_as_recorded(row)
    until(lambda: not processes(docker_cli, box, "sleep 9001"), 30)


def test_where_they_are_only_on_it_goes_on_and_says_so(
    terminal: Make, wanted: Wanted, monkeypatch: Any
) -> None:
    wanted("on")
    shell = terminal()
    shell.shows("# ")
    monkeypatch.setattr(tape, "FREE_BYTES", NEVER)
    shell.type("echo goes-$((1+1))-on\n")
    assert "not recorded: the disk" in shell.told("recording")["recording_reason"]
    shell.shows("goes-2-on")
    other = terminal()
    assert other.told("started")["recording"] == "failed"
    other.type("exit\n")
    assert other.ending(30)["kind"] == "exited"


def test_a_hanging_disk_does_not_hold_up_the_echo(
    runtime: Loop, terminal: Make, wanted: Wanted, monkeypatch: Any
) -> None:
    wanted("on")
    shell = terminal(command="sh -c 'stty raw echo; printf ready; exec cat > /dev/null'")
    shell.shows("ready")
    free, held = [], []

    def hangs(self: Tape) -> None:
        held.append(1)
        until(lambda: free, 30)

    monkeypatch.setattr(Tape, "write", hangs)
    until(lambda: held)
    try:
        assert max(runtime.run(shell.echoes(20), 60)) < 15_000  # it hangs for 30 s
    finally:
        free.append(1)
    monkeypatch.undo()
    session = terminals.find(of_ada(), shell.session)
    assert session is not None
    assert session.tape.state == "on"


def test_what_is_put_aside_for_a_hanging_disk_is_bounded(
    terminal: Make, wanted: Wanted, monkeypatch: Any
) -> None:
    wanted("on")
    shell = terminal()
    shell.shows("# ")
    session = terminals.find(of_ada(), shell.session)
    assert session is not None
    monkeypatch.setattr(tape, "MOST_WAITING", 256 * 1024)
    monkeypatch.setattr(tape, "SLOWEST_SECONDS", 1.0)
    monkeypatch.setattr(Tape, "write", lambda self: None)
    shell.type("yes 'a line of output' | head -c 3000000; echo all-$((1+1))\n")
    reason = shell.told("recording", 30)["recording_reason"]
    assert "too slow" in reason
    shell.shows("all-2", 30)  # and then it goes on without
    assert session.tape._tape is not None
    assert session.tape._tape.waiting < 256 * 1024 + 128 * 1024
