"""Bodies refused before they are read, and bodies that may come.

Only ours: an ASGI server like uvicorn has no place between the headers and the application, and
hands a body on as it comes; there the application's own limits hold.
"""

import pytest

from tests.dashboard.servers import MIB, Running, read_to_end, request

UPLOAD = "/hosts/local/uploads/1"
FORM = "/hosts/local/containers/1/files/upload/"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/seen", ["Content-Length: 3000000", "Cookie: session=good"], 413),
        ("POST", "/login/", ["Content-Length: 70000", "Cookie: session=good"], 413),
        ("PATCH", UPLOAD, ["Content-Length: 16777217", "Cookie: session=good"], 413),
        ("PATCH", UPLOAD, ["Content-Length: 8388608", "Cookie: session=bad"], 401),
        ("PATCH", UPLOAD, ["Content-Length: 8388608"], 401),
        ("PATCH", UPLOAD, ["Content-Length: 8388608", "Expect: 100-continue"], 401),
        ("PATCH", UPLOAD, ["Transfer-Encoding: chunked"], 401),
        ("POST", FORM, ["Content-Length: 68157441", "Cookie: session=good"], 413),
        ("POST", FORM, ["Content-Length: 100"], 401),
        ("PATCH", "/hosts/local/%75ploads/1", ["Content-Length: 8388608"], 413),
    ],
)
def test_a_body_is_refused_before_it_comes(
    ours: Running, method: str, path: str, headers: list[str], status: int
) -> None:
    with ours.open(request(method, path, *headers)) as client:
        answer = client.recv(65536)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"\n\n" not in answer
        assert read_to_end(client) == b""


def test_a_long_body_without_a_login_is_refused_in_words(ours: Running) -> None:
    """The client that has already begun to send can still read why."""
    head = request("POST", "/seen", "Content-Length: 2000000")
    answer = ours.ask(head + bytes(2_000_000))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"Log in first.\n")
    chunked = request("POST", "/seen", "Transfer-Encoding: chunked")
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    assert ours.ask(chunked + 4 * chunk).startswith(b"HTTP/1.1 401 ")
    assert ours.facts()[1] == 0


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 8 * MIB])
def test_a_body_that_may_come_arrives_whole(ours: Running, size: int) -> None:
    headers = ("Cookie: session=good", f"Content-Length: {size}")
    assert ours.ask(request("PATCH", UPLOAD, *headers) + bytes(size)).endswith(b"%d" % size)


def test_a_client_that_asks_first_is_told_to_go_on(ours: Running) -> None:
    headers = ("Cookie: session=good", "Content-Length: 8388608", "Expect: 100-continue")
    with ours.open(request("PATCH", UPLOAD, *headers)) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(bytes(8 * MIB))
        assert read_to_end(client).endswith(b"8388608")


def test_a_chunked_body_is_counted_and_cut(ours: Running) -> None:
    head = request("POST", "/seen", "Cookie: session=good", "Transfer-Encoding: chunked")
    chunk = b"100000\r\n" + bytes(MIB) + b"\r\n"
    assert ours.ask(head + chunk + b"0\r\n\r\n").endswith(b"1048576")
    answer = ours.ask(head + 3 * chunk + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"2.5 MiB" in answer


def test_the_second_of_two_long_bodies_in_one_go_arrives_whole(ours: Running) -> None:
    """A long body is read in long steps, but the next request's login is asked for first."""
    headers = ("Cookie: session=good", f"Content-Length: {2 * MIB}", "Connection: keep-alive")
    last = ("Cookie: session=good", f"Content-Length: {3 * MIB}")
    kept = request("PATCH", UPLOAD, *headers)
    answer = ours.ask(kept + bytes(2 * MIB) + request("PATCH", UPLOAD, *last) + bytes(3 * MIB))
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert b"%d" % (2 * MIB) in answer
    assert answer.endswith(b"%d" % (3 * MIB))
