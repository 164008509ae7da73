"""HTTP as nobody should send it: refused, and the server goes on.

Where uvicorn (h11) is more lenient, its answer stands beside ours: ``LENIENT``.
"""

import contextlib
import time

import pytest

from tests.dashboard.servers import (
    MIB,
    Running,
    eventually,
    read_to_end,
    request,
    running,
    upgrade,
)

CHUNKED = "Transfer-Encoding: chunked"
GET = b"GET / HTTP/1.1\r\nConnection: close\r\nHost: localhost"
REFUSED = {
    "chunks and a length": request("POST", "/", "Content-Length: 5", CHUNKED) + b"0\r\n\r\n",
    "two lengths": request("POST", "/", "Content-Length: 5", "Content-Length: 6") + b"hello",
    "a length twice": request("POST", "/", "Content-Length: 5", "Content-Length: 5") + b"hello",
    "a list of lengths": request("POST", "/", "Content-Length: 5, 5") + b"hello",
    "a length with a sign": request("POST", "/", "Content-Length: +5") + b"hello",
    "a length below zero": request("POST", "/", "Content-Length: -5") + b"hello",
    "a length as Python writes it": request("POST", "/", "Content-Length: 1_0") + bytes(10),
    "a chunk without a size": request("POST", "/", CHUNKED) + b"zz\r\n",
    "a chunk below zero": request("POST", "/", CHUNKED) + b"-5\r\nhello\r\n0\r\n\r\n",
    "an unknown coding": request("POST", "/", "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
    "two codings": request("POST", "/", CHUNKED, "Transfer-Encoding: identity") + b"0\r\n\r\n",
    "a space before the colon": request("POST", "/", "Transfer-Encoding : chunked") + b"0\r\n\r\n",
    "two hosts": request("GET", "/", "Host: other"),
    "a bare LF between headers": GET + b"\nX: y\r\n\r\n",
    "a bare CR": GET + b"\rX: y\r\n\r\n",
    "NUL in a header": GET + b"\r\nX: a\0b\r\n\r\n",
    "NUL in the address": request("GET", "/\0"),
    "an address that is not ASCII": request("GET", "/\xff\xfe"),
    "a method that is none": request("G@T", "/"),
    "HTTP 0.9": b"GET /\r\n\r\n",
    "HTTP 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "nonsense": b"nonsense\r\n\r\n",
    "the begin of TLS": bytes.fromhex("16030100a5010000a10303") + bytes(160) + b"\r\n\r\n",
    "a socket's address that is not ASCII": upgrade("/\xff"),
    "a socket's key that is none": upgrade("/echo").replace(b"dGhlIHNhbXBs", b"x"),
    "a socket's version": upgrade("/echo").replace(b"Version: 13", b"Version: 7"),
    "a socket's host": upgrade("/refuse").replace(b"localhost", b"a:b:c"),
}
LENIENT = {"chunks and a length", "a length twice", "a list of lengths", "a socket's host"}
LENIENT |= {"a bare LF between headers", "HTTP 2"}
ANSWERED = {
    "an escaped NUL": request("GET", "/%00"),
    "half an escape": request("GET", "/%zz%"),
    "an escape that is not UTF-8": request("GET", "/%ff"),
    "another's address": request("GET", "http://elsewhere/"),
    "a folded header": GET + b"\r\nX: a\r\n b\r\n\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(server: Running, name: str) -> None:
    answer = server.ask(REFUSED[name])
    if server.is_ours or name not in LENIENT:
        assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"HTTP/1.1 5" not in answer
    assert server.get("/facts")


@pytest.mark.parametrize("name", ANSWERED)
def test_what_is_odd_but_clear_reaches_the_application(server: Running, name: str) -> None:
    assert server.ask(ANSWERED[name]).startswith(b"HTTP/1.1 200 ")


def test_a_request_hidden_in_anothers_body_is_not_served(ours: Running) -> None:
    before = ours.facts()[1]
    outer = request("POST", "/", "Content-Length: 4", CHUNKED, "Connection: keep-alive")
    ours.ask(outer + b"0\r\n\r\n" + request("GET", "/seen"))
    assert ours.facts()[1] == before


def test_headers_have_a_limit(ours: Running) -> None:
    """uvicorn sets none: h11 takes 64 KiB and more."""
    for size in (20_000, 65_536, MIB):
        with ours.open() as client, contextlib.suppress(ConnectionError):
            client.sendall(request("GET", "/facts", f"X: {'x' * size}"))
            assert b" 200 " not in read_to_end(client)
    answer = ours.ask(request("GET", "/", *(f"X-{n}: {'x' * 500}" for n in range(60))))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert ours.get("/facts")


def test_a_line_that_never_ends_fills_no_memory(ours: Running) -> None:
    before = ours.facts()[0]
    with ours.open() as client, contextlib.suppress(ConnectionError):
        for _ in range(32):
            client.sendall(b"x" * MIB)
    assert ours.facts()[0] - before < 16 * MIB


def test_lines_that_end_in_a_bare_lf_are_never_headers(ours: Running) -> None:
    """Nothing of them is a request to us; uvicorn takes them for one."""
    began = time.monotonic()
    assert ours.ask(GET.replace(b"\r", b"") + b"\n\n") == b""
    assert time.monotonic() - began > 2  # they were still awaited as a first line


def test_a_client_cannot_name_its_own_root_or_address(ours: Running) -> None:
    forged = ("Daphne-Root-Path: /evil", "X-Forwarded-For: 10.1.1.1")
    assert b"evil" not in ours.ask(request("GET", "/facts", *forged))


def test_one_address_may_hold_so_many_connections_and_gets_them_back() -> None:
    """Also after requests for a socket that are broken. uvicorn's own limit answers 503."""
    with running("daphne", MOST_CONNECTIONS="6") as server:
        for _ in range(12):
            assert server.ask(REFUSED["a socket's key that is none"])
            assert server.ask(REFUSED["nonsense"])
        held = [server.open() for _ in range(6)]
        assert eventually(lambda: refused(server))
        for connection in held:
            connection.close()
        assert eventually(lambda: not refused(server))


def refused(server: Running) -> bool:
    try:
        return server.ask(request("GET", "/facts")) == b""
    except ConnectionError:
        return True
