"""What a log's viewer gets is exactly what was logged, whatever is cut, equal, huge or stalled."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.containers.log_cast import Open
from tests.containers.log_cast import ada as ada
from tests.containers.log_cast import log as log
from tests.containers.log_client import Line, LogBrowser, lines_of
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Container = Callable[..., str]


def resident() -> int:
    """Bytes of memory that this process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def restart(site: Loop) -> None:
    """What a restart of the server is to a log: every feed, ring and follower is made anew."""
    from dashboard import runtime as services

    site.run(services.stop())
    site.run(services.start())
    until(lambda: engine_of("dock").mirror.snapshot.state == "up")


@pytest.mark.parametrize(
    ("lines", "cuts"), [(30_000, 8), pytest.param(1_000_000, 100, marks=pytest.mark.long)]
)
def test_a_socket_that_is_cut_again_and_again_loses_and_doubles_nothing(
    log: Open, runtime: Loop, container: Container, lines: int, cuts: int
) -> None:
    """A flood, cut at random places, each time resumed by the cursor; the server restarts once."""
    dice = random.Random(7)
    id = container("sh", "-c", f"seq 1 {lines // 2}; sleep 1; seq {lines // 2 + 1} {lines}")
    seen: list[Line] = []
    for cut in range(cuts + 1):
        more = {"after": seen[-1].cursor} if seen else {"tail": "all"}
        browser = log(id, **more)
        left = lines - len(seen)  # a quick machine reads far beyond the goal
        goal = left if cut == cuts else min(left, dice.randrange(lines // cuts))
        until(lambda browser=browser, goal=goal: len(browser.lines) >= goal, 120)
        browser.leave()
        seen += browser.lines
        assert not [one for one in browser.news if one["event"] == "skipped"]
        if cut == cuts // 2:
            restart(runtime)
    assert [line.text for line in seen] == [str(number) for number in range(1, lines + 1)]


def equal_times(path: Path, texts: list[bytes], group: int) -> None:
    """Write an engine's log file by hand: ``group`` lines at a time have the same time."""
    with path.open("wb") as file:
        for at, text in enumerate(texts):
            second, millis = divmod(at // group, 1000)
            stamp = f"2026-01-31T09:{30 + second // 60:02}:{second % 60:02}.{millis:03}Z"
            entry = {"log": text.decode() + "\n", "stream": "stdout", "time": stamp}
            file.write(json.dumps(entry).encode() + b"\n")


def test_lines_of_equal_times_are_told_apart_wherever_a_read_begins(
    log: Open, ada: Client, container: Container, docker_cli: DockerCli
) -> None:
    id = container("true")
    docker_cli("wait", id)
    path = docker_cli("inspect", "--format", "{{.LogPath}}", id).stdout.strip()
    # A resume reads the last 20,000 lines first: they begin among lines of one time.
    texts = [str(number).encode() for number in range(1, 26_001)]
    equal_times(Path(path), texts, group=1700)
    whole = log(id, tail="all")
    until(lambda: len(whole.lines) == 26_000)
    assert [line.data for line in whole.lines] == texts
    places = [line.cursor for line in whole.lines]
    assert len(set(places)) == 26_000
    for at in (5_400, 6_700, 25_990):
        browser = log(id, after=places[at])
        until(lambda browser=browser, at=at: len(browser.lines) >= 25_999 - at)
        assert browser.lines == whole.lines[at + 1 :]
        base = reverse("logs-earlier", args=["dock", id])
        fields = {"before": places[at], "lines": 90, "held": 26_000 - at}
        found = list(lines_of(ada.get(base, fields).content))
        assert found == whole.lines[max(0, at - 90) : at]
    browser = log(id, tail="777")
    until(lambda: len(browser.lines) == 777)
    assert browser.lines == whole.lines[-777:]


ODD = rb"""
printf 'progress 1%%\rprogress 2%%\r\n'
printf 'nul \000 here\n'
printf 'bad \377\376 bytes\n'
printf '\342\202'; sleep 0.3; printf '\254 euro\n'
head -c 10485760 /dev/zero | tr '\000' x; echo
echo after
for i in $(seq 0 255); do printf "\\$(printf %03o $i)"; done; echo
printf '\033[31mred\033[0m \033]52;c;aGFjaw==\007\n'
"""


def test_odd_bytes_come_as_they_are_and_the_next_line_is_whole(
    log: Open, ada: Client, runtime: Loop, container: Container, docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", ODD.decode())
    browser = log(id, tail="all")
    before = resident()
    browser.told(60, event="ended", reason="exited")
    grown = resident() - before
    stored = docker_cli_bytes(docker_cli, id)
    lines = [line.data for line in browser.lines]
    huge = next(at for at, line in enumerate(lines) if len(line) > 1_000_000)
    assert re.fullmatch(rb"x{1048576}\xe2\x80\xa6 truncated, 10485760 bytes", lines[huge])
    expected = stored.split(b"\n")[:-1]
    at = next(at for at, line in enumerate(expected) if len(line) > 1_000_000)
    assert lines[:huge] == expected[:at]
    assert lines[huge + 1 :] == expected[at + 1 :]
    assert lines[0] == b"progress 1%\rprogress 2%\r"
    assert lines[1] == b"nul \x00 here"
    assert "\u20ac euro".encode() in b"\n".join(lines)
    assert grown < 64 * 2**20
    downloaded = ada.get(reverse("logs-download", args=["dock", id]))
    assert body(downloaded, runtime) == stored


def docker_cli_bytes(docker_cli: DockerCli, id: str) -> bytes:
    """The log as docker itself gives it, byte for byte."""
    import subprocess

    command = [*docker_cli("version", "--format", "x").args[:-3], "logs", id]
    return subprocess.run(command, capture_output=True, check=True).stdout


def body(response: object, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return runtime.run(collect())


def test_a_viewer_that_stalls_is_told_exactly_what_it_missed_and_costs_little(
    log: Open, container: Container, docker_cli: DockerCli
) -> None:
    block = (
        f"yes {'x' * 100} | head -n 500 > /tmp/block; while [ ! -e /go ]; do usleep 20000; done; "
    )
    script = block + "i=0; while [ $i -lt 100 ]; do i=$((i+1)); cat /tmp/block; done; sleep 3600"
    id = container("sh", "-c", script)
    quick = log(id, tail="0")
    stalled = [log(id, tail="0", acks=False) for _ in range(4)]
    until(lambda: len(engine_of("dock").logs.hub) == 1)
    before = resident()
    docker_cli("exec", id, "touch", "/go")
    until(lambda: total(quick) == 50_000, 60)
    quick.lines.clear()
    for one in stalled:
        assert one.received <= 256 * 1024 + 256 * 1024
    grown = resident() - before
    print(f"{grown / 2**20 / len(stalled):.1f} MiB for each stalled viewer, all in")
    for one in stalled:
        one.go_on()
    until(lambda: all(total(one) == 50_000 for one in stalled), 60)
    assert any(one["event"] == "skipped" for one in stalled[0].news)
    for one in stalled:
        cursors = [(line.ns, line.ordinal) for line in one.lines]
        assert cursors == sorted(set(cursors))
        assert one.code is None


def total(browser: LogBrowser) -> int:
    skipped = sum(one["count"] for one in list(browser.news) if one["event"] == "skipped")
    return len(browser.lines) + skipped


def test_what_happens_to_the_container_is_told(
    log: Open, container: Container, docker_cli: DockerCli, settings: LazySettings
) -> None:
    """Within 2 s on a quiet machine: the deadline here is for a busy one."""
    id = container("sh", "-c", "trap 'exit 7' TERM; echo up; while :; do usleep 50000; done")
    browser = log(id)
    until(lambda: len(browser.lines) == 1)  # the trap is set
    docker_cli("rename", id, f"wharf-a1-{id[:12]}")
    browser.told(event="renamed", name=f"wharf-a1-{id[:12]}")
    docker_cli("stop", id)
    browser.told(event="ended", reason="exited", exit_code=7)
    docker_cli("start", id)
    browser.told(event="divider", reason="restarted")
    until(lambda: len(browser.lines) == 2)  # it is followed again
    docker_cli("restart", "--time", "0", id)
    until(lambda: [one.get("reason") for one in browser.news].count("restarted") == 2)
    docker_cli("rm", "--force", id)
    browser.told(event="ended", reason="removed")
    assert browser.code is None


@pytest.mark.parametrize("rounds", [2, pytest.param(60, marks=pytest.mark.long)])
def test_races_with_an_end_leave_no_task_behind(
    log: Open, runtime: Loop, container: Container, docker_cli: DockerCli, rounds: int
) -> None:
    """Sockets that come, search and go while their container is stopped, removed, begun anew."""
    dice = random.Random(11)
    feeds = engine_of("dock").logs.hub
    feeds._linger = 0.1
    ends = (("rm", "--force"), ("restart", "--time", "0"), ("kill",))
    for number in range(rounds):
        id = container("sh", "-c", "while :; do seq 1 20; usleep 100000; done")
        browsers = [log(id, tail="all", acks=dice.random() < 0.7) for _ in range(5)]
        for browser in browsers[::2]:
            browser.say(search={"id": 1, "text": "7", "most": 5000})
        browsers.pop().leave()
        assert tasks_of_logs(runtime)
        docker_cli(*ends[number % 3], id)
        for browser in browsers:
            browser.leave()
    until(lambda: len(feeds) == 0)
    until(lambda: not tasks_of_logs(runtime))


def tasks_of_logs(site: Loop) -> list[str]:
    """What still runs on the site's loop and comes from a module of logs."""

    async def files() -> list[str]:
        codes = [getattr(task.get_coro(), "cr_code", None) for task in asyncio.all_tasks()]
        return [code.co_filename for code in codes if code]

    return [
        file for file in site.run(files()) if re.search(r"/(log_\w+|feed|namesakes)\.py$", file)
    ]
