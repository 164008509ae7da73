"""The live socket: what changed between the page and the socket is not missed."""

from collections.abc import Callable

from channels.testing import WebsocketCommunicator
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.runtime import Loop, until


def test_a_client_that_shows_an_old_version_is_told_at_once(
    runtime: Loop, client: Client, container: Callable[..., str]
) -> None:
    from dashboard.sockets import websocket_routes

    client.force_login(User.objects.create_superuser("ada"))
    mirror = engine_of("dock").mirror
    shown = mirror.snapshot.version
    id = container(start=False)
    until(lambda: id in mirror.snapshot.containers)

    async def first_message(since: int, wait: float) -> dict[str, object] | None:
        from channels.routing import URLRouter

        cookie = f"wharfinger={client.cookies['wharfinger'].value}".encode()
        headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie)]
        socket = WebsocketCommunicator(URLRouter(websocket_routes()), "/ws/live/", headers)
        assert (await socket.connect())[0]
        await socket.send_json_to({"sub": ["containers:dock"], "since": {"containers:dock": since}})
        quiet = await socket.receive_nothing(wait)
        message = None if quiet else await socket.receive_json_from()
        await socket.disconnect()
        return message

    told = runtime.run(first_message(shown, 2))
    assert told is not None
    assert told["event"] == "containers-changed"
    assert told["ids"] == []
    assert int(str(told["version"])) > shown
