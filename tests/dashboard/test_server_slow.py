"""Slow clients and slow applications: what waits, and what it may cost meanwhile."""

import contextlib
import time

import pytest

from tests.dashboard.servers import MIB, Running, blocked, eventually, read_to_end, request


def test_a_slow_client_does_not_fill_the_memory(fresh_server: Running) -> None:
    before = fresh_server.facts()[0]
    with fresh_server.open(request("GET", "/download")) as slow:
        slow.recv(1000)
        time.sleep(1.5)
        grown, _, ended = fresh_server.facts()
        assert ended == 0
        assert grown - before < 16 * MIB
        assert len(read_to_end(slow)) > 127 * MIB


def test_a_client_that_goes_away_releases_the_application(fresh_server: Running) -> None:
    slow = fresh_server.open(request("GET", "/download"))
    slow.recv(1000)
    slow.close()
    assert eventually(lambda: fresh_server.facts()[2] == 1)


def test_a_flood_to_a_socket_that_does_not_read_waits(fresh_server: Running) -> None:
    before = fresh_server.facts()[0]
    with fresh_server.websocket("/flood") as flooded:
        time.sleep(1.5)
        assert fresh_server.facts()[0] - before < 24 * MIB
        total = 0
        while total < 100 * MIB:
            total += len(flooded.recv(timeout=20))


def test_a_flood_from_a_socket_that_is_not_heard_waits(fresh_ours: Running) -> None:
    before = fresh_ours.facts()[0]
    with fresh_ours.upgraded("/deaf") as client:
        client.settimeout(2)
        frame = b"\x82\xfe\xff\xff\0\0\0\0" + bytes(65535)
        assert blocked(client, frame, 64 * MIB)
        assert fresh_ours.facts()[0] - before < 16 * MIB


def test_pings_of_a_client_that_does_not_read_are_not_answered(fresh_ours: Running) -> None:
    before = fresh_ours.facts()[0]
    with fresh_ours.upgraded("/flood") as client:
        time.sleep(0.5)
        ping = (b"\x89\xfd\0\0\0\0" + bytes(125)) * 500
        client.settimeout(1)
        blocked(client, ping, 32 * MIB)
        assert fresh_ours.facts()[0] - before < 24 * MIB


def test_downloads_on_one_connection_follow_each_other(ours: Running) -> None:
    with ours.open(request("GET", "/download", "Connection: keep-alive") * 2) as client:
        client.sendall(request("GET", "/facts"))
        assert read_to_end(client).count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        request("POST", "/seen", "Content-Length: 1000"),
    ],
    ids=["headers", "body"],
)
def test_a_byte_now_and_then_does_not_hold_a_connection(ours: Running, sent: bytes) -> None:
    began = time.monotonic()
    with ours.open(sent) as slow, contextlib.suppress(ConnectionError):
        while time.monotonic() - began < 10:
            slow.sendall(b"x")
            time.sleep(0.25)
    assert 2 < time.monotonic() - began < 8


def test_an_answer_that_fails_half_way_is_cut_short(ours: Running) -> None:
    with ours.open(request("GET", "/fails")) as client:
        answer = read_to_end(client)
    assert answer.endswith(b"half\r\n")  # and not the "0" that ends a chunked body
    for _ in range(2):
        with ours.open(request("GET", "/fails")) as client:
            assert read_to_end(client)
