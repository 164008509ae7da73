"""How terminals end, in words a person understands, with all that they started."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from access.models import User
from containers.models import OpenShell
from containers.terminals import terminals
from engine.commands import Commands
from engine.errors import Refused
from tests.conftest import DockerCli
from tests.containers.terminal_cast import Make, known, of_ada, processes, results
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until
from tests.runtime import runtime as runtime

# Each way out of a shell's reach; the fifth is what nohup does.
ESCAPES = r"""
trap '' HUP TERM; sleep 9001 & (setsid sleep 9002 &); (env -i /bin/sleep 9003 &)
su app -c 'setsid sleep 9004 &'; sh -c 'trap "" HUP; exec sleep 9005 >/dev/null 2>&1' &
sh -c '(sh -c "setsid sleep 9006 &" &)'
sleep 9007 & sleep 0.3; kill -STOP $!
setsid sh -c 'trap "" HUP TERM INT; sleep 9008 & kill -STOP $$; wait' &
sleep 9009
"""


def test_left_it_is_killed_with_all_that_it_started(
    terminal: Make, box: str, docker_cli: DockerCli, settings: LazySettings
) -> None:
    settings.TERMINAL_RETURN_SECONDS = 1
    shell = terminal()
    shell.shows("# ")
    shell.type(ESCAPES)
    until(lambda: len(processes(docker_cli, box, "sleep 900")) >= 9, 30)
    shell.drop()
    until(lambda: not processes(docker_cli, box, "sleep 900"), 60)
    until(lambda: results()[-1].parameters.get("ended") == "left", 60)
    until(lambda: not OpenShell.objects.exists())


def test_ending_one_kills_and_tells(terminal: Make, box: str, docker_cli: DockerCli) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("sleep 9001\n")
    until(lambda: processes(docker_cli, box, "sleep 9001"))
    response = shell.browser.post(reverse("terminal-end", args=["dock", box, shell.session]))
    assert response.status_code == 204
    assert shell.told("ended", 30)["kind"] == "closed"
    assert not processes(docker_cli, box, "sleep 9001")


def test_what_an_exit_leaves_on_purpose_goes_on(
    terminal: Make, box: str, docker_cli: DockerCli
) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("(setsid sleep 9001 >/dev/null 2>&1 </dev/null &); exit\n")
    shell.told("exited")
    until(lambda: processes(docker_cli, box, "sleep 9001"))


def test_a_crash_leaves_nothing(runtime: Loop, box: str, docker_cli: DockerCli) -> None:
    """What an earlier server recorded and never saw end is found by its marker."""
    marker = "ab" * 16
    mark = f"WHARFINGER_SESSION={marker}"
    docker_cli("exec", "--detach", "-e", mark, "-u", "app", box, "sh", "-c", "sleep 9001; true")
    docker_cli("exec", "--detach", "-e", f"{mark[:-1]}x", box, "sleep", "9002")
    OpenShell.objects.create(marker=marker, host="dock", container_id=box)
    OpenShell.objects.create(marker="cd" * 16, host="dock", container_id="0" * 64)
    assert processes(docker_cli, box, "sleep 9001")
    runtime.run(terminals.reap_once())
    assert not processes(docker_cli, box, "sleep 9001")
    assert processes(docker_cli, box, "sleep 9002")
    assert not OpenShell.objects.exists()


def test_the_end_of_the_server_kills_and_is_recorded(
    runtime: Loop, terminal: Make, box: str, docker_cli: DockerCli
) -> None:
    from dashboard import runtime as site

    shell = terminal()
    shell.shows("# ")
    shell.type("trap '' HUP; sleep 9001\n")
    until(lambda: processes(docker_cli, box, "sleep 9001"))
    began = time.monotonic()
    runtime.run(site.stop())
    assert time.monotonic() - began < 5
    assert not processes(docker_cli, box, "sleep 9001")
    assert results()[-1].parameters["ended"] == "server-stopping"
    assert shell.told("ended")["reason"] == "The server is restarting."


def test_what_happens_to_the_container_is_told(
    terminal: Make, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    small = ("--memory", "24m", "--memory-swap", "24m")
    boxes = [known(container(options=small if n == 3 else ())) for n in range(5)]
    shells = [terminal(box) for box in boxes]
    for shell in shells:
        shell.shows("# ")
    docker_cli("kill", boxes[0])
    docker_cli("restart", "--time", "0", boxes[1])
    docker_cli("rm", "--force", boxes[2])
    shells[3].type("exec tail /dev/zero\n")
    shells[4].type("kill -9 $$\n")
    assert [shell.ending(30)["reason"] for shell in shells] == [
        "The container stopped.",
        "The container was restarted.",
        "The container was removed.",
        "The container had no memory left, so the kernel killed this (exit code 137).",
        "Exited with code 137 (SIGKILL).",
    ]
    until(lambda: [shell.code for shell in shells] == [1000, 1000, 4004, 1000, 1000])
    until(
        lambda: (
            [row.parameters["exit_code"] for row in results() if row.result == "ok"] == [137] * 5
        )
    )


def test_a_container_without_memory_is_told(
    terminal: Make, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    eats = "while ! [ -e /tmp/go ]; do sleep 0.1; done; exec tail /dev/zero"
    shell = terminal(known(container("sh", "-c", eats, options=("--memory", "24m"))))
    shell.shows("# ")
    shell.type("touch /tmp/go\n")
    assert shell.ending(30)["reason"] == "The container ran out of memory and was killed."


@pytest.fixture
def behind_faults(
    transactional_db: None, faulty_engine: FaultyEngine, settings: LazySettings
) -> Iterator[Loop]:
    with site_before(faulty_engine.url, settings) as loop:
        yield loop


def test_a_lost_engine_is_told_and_what_it_left_is_ended_later(
    behind_faults: Loop,
    client: Client,
    faulty_engine: FaultyEngine,
    container: Callable[..., str],
    docker_cli: DockerCli,
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    box = known(container())
    shell = Terminal(behind_faults, client, box).open()
    shell.shows("# ")
    shell.type("sleep 9001\n")
    until(lambda: processes(docker_cli, box, "sleep 9001"))
    faulty_engine.refuse()
    end = shell.ending(30)
    assert end["reason"].startswith("The engine was lost: ")
    assert end["reason"].endswith("What it started may still run in the container.")
    assert processes(docker_cli, box, "sleep 9001")
    faulty_engine.heal()

    def reaped() -> bool:
        behind_faults.run(terminals.reap_once())
        return not OpenShell.objects.exists()

    until(reaped, 30)
    assert not processes(docker_cli, box, "sleep 9001")


@pytest.mark.parametrize(
    ("loss", "kind", "code"), [("right", "right-lost", 4003), ("login", "login-over", 4001)]
)
def test_it_ends_with_the_right_to_it(
    terminal: Make, ada: Client, box: str, docker_cli: DockerCli, loss: str, kind: str, code: int
) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("sleep 9001\n")
    until(lambda: processes(docker_cli, box, "sleep 9001"))
    if loss == "right":
        User.objects.filter(username="ada").update(is_superuser=False)
    else:
        ada.post(reverse("logout"))
    assert shell.ending(30)["kind"] == kind
    until(lambda: shell.code == code)
    assert not processes(docker_cli, box, "sleep 9001")


def test_idle_ends_with_its_own_code(terminal: Make, settings: LazySettings) -> None:
    shell = terminal()
    shell.shows("# ")
    settings.TERMINAL_IDLE_MINUTES = 1
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    session.typed_at -= 30
    shell.told("warning")
    session.typed_at -= 40
    assert shell.ending(30)["kind"] == "idle"
    until(lambda: shell.code == 4008)


def test_one_that_nobody_looks_at_ends_with_the_right_too(
    terminal: Make, box: str, docker_cli: DockerCli, settings: LazySettings
) -> None:
    settings.TERMINAL_RETURN_SECONDS = 3600
    shell = terminal(command="sleep 9001")
    shell.told("started")
    shell.drop()
    User.objects.filter(username="ada").update(is_superuser=False)
    until(lambda: results()[-1].parameters.get("ended") == "right-lost", 30)
    assert not processes(docker_cli, box, "sleep 9001")


def test_a_command_that_ends_at_once_is_no_failure(
    terminal: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(self: Commands, *args: object) -> None:
        raise Refused("cannot resize a stopped container: unknown")

    monkeypatch.setattr(Commands, "exec_resize", too_late)
    shell = terminal(command="sh -c 'echo kept; exit 3'")
    assert shell.ending()["exit_code"] == 3
    assert b"kept" in shell.output
