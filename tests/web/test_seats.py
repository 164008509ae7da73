"""Sockets per person: the bound, and that a seat comes back however a socket ends."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from access.actors import Actor
from web import sockets
from web.seats import Seats, seats
from web.sockets import TOO_MANY, Socket

ORIGIN = [(b"origin", b"http://localhost"), (b"host", b"localhost")]


class Open(Socket):
    async def admitted(self) -> bool:
        return True


class Closed(Socket):
    async def admitted(self) -> bool:
        return False


class PlainDoor:
    async def run(self, fn: Any, *args: Any) -> Any:
        return Actor(user_id=7, username="kim")


@pytest.fixture(autouse=True)
def two_seats(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SOCKETS_PER_PERSON = 2
    monkeypatch.setattr(sockets, "door", PlainDoor())


def client(consumer: type[Socket]) -> WebsocketCommunicator:
    return WebsocketCommunicator(consumer.as_asgi(), "/ws/", headers=ORIGIN)


async def test_one_too_many_is_closed_with_4429() -> None:
    first, second, third = client(Open), client(Open), client(Open)
    assert (await first.connect())[0]
    assert (await second.connect())[0]
    assert (await third.connect())[0]
    assert (await third.receive_output())["code"] == TOO_MANY
    await third.wait()
    await second.disconnect()
    fourth = client(Open)
    assert (await fourth.connect())[0]
    assert await fourth.receive_nothing()
    await first.disconnect()
    await fourth.disconnect()
    assert not seats._taken


async def test_a_refused_socket_gives_its_seat_back() -> None:
    for _ in range(3):
        refused = client(Closed)
        assert not (await refused.connect())[0]
        await refused.disconnect()
    assert not seats._taken


def test_people_do_not_share_seats() -> None:
    own = Seats()
    assert own.take(1, 1)
    assert not own.take(1, 1)
    assert own.take(2, 1)
    own.leave(1)
    assert own.take(1, 1)
