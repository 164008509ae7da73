"""Engine JSON → rows: a list and an inspect say the same, and null fields break nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import answers, image_rows, rows
from engine.status import duration_text, status_text
from engine.types import PortBinding

NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
ID = "e88272cdbdddca452c81148da8a7c2e1a87f1df11d8d9c7c33fd044ae6253c0f"


def test_a_container_of_nulls_is_a_row() -> None:
    nulls = dict.fromkeys(["Names", "Labels", "Ports", "Mounts", "NetworkSettings", "Created"])
    assert rows.container_from_list({"Id": ID, **nulls}).short_id == ID[:12]
    nulls = dict.fromkeys(["State", "Config", "HostConfig", "NetworkSettings", "Mounts", "Args"])
    assert rows.container_from_inspect({"Id": ID, "Name": "/a", "Args": []} | nulls | {"Args": []})
    assert image_rows.image_from_list({"Id": f"sha256:{ID}", "RepoTags": None}).dangling
    assert image_rows.image_from_inspect({"Id": f"sha256:{ID}", "Config": None}).id == ID


def test_the_name_is_the_containers_own_and_not_a_links() -> None:
    item = {"Id": ID, "Names": ["/other/alias", "/mine"]}
    assert rows.container_from_list(item).name == "mine"


@pytest.mark.parametrize(
    ("status", "health", "code"),
    [
        ("Up 3 hours (healthy)", "healthy", None),
        ("Up 3 hours (health: starting)", "starting", None),
        ("Up 3 hours (Paused)", "", None),
        ("Exited (137) 2 days ago", "", 137),
        ("Restarting (1) 4 seconds ago", "", None),
        ("Created", "", None),
    ],
)
def test_status_text_tells_health_and_exit_code(status: str, health: str, code: int | None) -> None:
    row = rows.container_from_list({"Id": ID, "Status": status})
    assert (row.health, row.exit_code) == (health, code)


def test_an_image_whose_tag_moved_shows_a_short_id() -> None:
    assert rows.image_text(f"sha256:{ID}") == ID[:12]
    assert rows.image_text("busybox:1") == "busybox:1"
    assert rows.image_text(f"busybox@sha256:{ID}") == f"busybox@sha256:{ID}"


def test_ports_are_alike_from_both_sources() -> None:
    listed = rows.ports_from_list(
        [
            {"PrivatePort": 81, "Type": "tcp"},
            {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "udp"},
        ]
    )
    inspected = rows.ports_from_inspect(
        {"80/udp": [{"HostIp": "::", "HostPort": "8080"}], "81/tcp": None}
    )
    assert listed == inspected
    assert listed == (PortBinding(80, "udp", "::", 8080), PortBinding(81))


@pytest.mark.parametrize(
    ("host", "cores"),
    [
        ({"NanoCpus": 1_500_000_000}, 1.5),
        ({"CpuQuota": 50_000}, 0.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 25_000}, 2.0),
        ({"CpuQuota": -1}, 0.0),
        ({}, 0.0),
    ],
)
def test_cpu_limits(host: dict[str, int], cores: float) -> None:
    assert rows.cpu_limit(host) == cores


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "Less than a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59), "59 seconds"),
        (timedelta(seconds=61), "About a minute"),
        (timedelta(minutes=46), "46 minutes"),
        (timedelta(minutes=61), "About an hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=15), "2 weeks"),
        (timedelta(days=61), "2 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_durations_in_the_engines_words(span: timedelta, words: str) -> None:
    assert duration_text(span) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"Running": True, "StartedAt": "2026-11-24T16:00:00Z"}, "Up 3 hours"),
        (
            {
                "Running": True,
                "StartedAt": "2026-11-24T16:00:00.5Z",
                "Health": {"Status": "starting"},
            },
            "Up 3 hours (health: starting)",
        ),
        ({"Running": True, "Paused": True, "StartedAt": "2026-11-24T16:00:00Z"},
         "Up 3 hours (Paused)"),
        ({"Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}, "Created"),
        (
            {
                "Status": "exited",
                "ExitCode": 3,
                "StartedAt": "2026-11-24T16:00:00Z",
                "FinishedAt": "2026-11-24T18:59:30Z",
            },
            "Exited (3) 30 seconds ago",
        ),
        ({"Status": "removing"}, "Removal In Progress"),
    ],
)  # fmt: skip
def test_status_in_the_engines_words(state: dict[str, Any], words: str) -> None:
    assert status_text(state, NOW) == words


def test_times_in_every_form() -> None:
    assert answers.parse_time("2026-11-24T21:00:00.123456789+02:00") == NOW + timedelta(
        microseconds=123456
    )
    assert answers.parse_time(int(NOW.timestamp())) == NOW
    assert answers.parse_time("0001-01-01T00:00:00Z") is None
    assert answers.parse_time("") is None
    assert answers.parse_time(None) is None


def test_go_modes_become_unix_modes() -> None:
    assert answers.unix_mode((1 << 31) | 0o755) == 0o040755
    assert answers.unix_mode((1 << 27) | 0o777) == 0o120777
    assert answers.unix_mode(0o644) == 0o100644
    assert answers.unix_mode((1 << 23) | 0o755) == 0o104755
    assert answers.unix_mode((1 << 26) | (1 << 21) | 0o600) == 0o020600
    assert answers.unix_mode((1 << 31) | (1 << 20) | 0o777) == 0o041777


HISTORY = [  # newest first, as the engine answers
    {"CreatedBy": "CMD [\"sh\"]", "Size": 0},
    {"CreatedBy": "WORKDIR /srv", "Size": 0},
    {"CreatedBy": "RUN /bin/sh -c make # buildkit", "Size": 10},
    {"CreatedBy": "/bin/sh -c #(nop)  ENV A=b", "Size": 0},
    {"CreatedBy": "/bin/sh -c #(nop) ADD file:1 in / ", "Size": 100},
]  # fmt: skip


def test_layers_are_oldest_first_and_get_their_digests() -> None:
    found = image_rows.layers(HISTORY, ["base", "made", "workdir"])
    assert [layer.digest for layer in found] == ["base", "", "made", "workdir", ""]
    assert [layer.digest for layer in image_rows.layers(HISTORY, ["base", "made"])] == [
        "base", "", "made", "", ""
    ]  # fmt: skip


def test_layers_that_cannot_be_told_get_no_digest() -> None:
    found = image_rows.layers(HISTORY, ["one", "two", "three", "four"])
    assert {layer.digest for layer in found} == {""}


def test_events_lose_the_prefix_of_image_ids() -> None:
    item = {"Type": "image", "Action": "untag", "Actor": {"ID": f"sha256:{ID}"}, "timeNano": 5}
    found = answers.event(item)
    assert (found.id, found.time_ns, found.attributes) == (ID, 5, {})


def test_rows_are_equal_where_the_engine_says_the_same() -> None:
    row = rows.container_from_list({"Id": ID, "Names": ["/a"], "State": "running"})
    assert row == replace(row)
