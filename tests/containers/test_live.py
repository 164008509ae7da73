"""The live socket: what changed between the page and the socket is not missed."""

from collections.abc import Callable

from channels.testing import WebsocketCommunicator
from django.conf import LazySettings
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.access.test_revocation import Socket
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until


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


def test_an_engine_that_is_lost_is_told_to_its_lists_and_the_rail(
    transactional_db: None, faulty_engine: FaultyEngine, settings: LazySettings, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    with site_before(faulty_engine.url, settings) as loop:
        until(lambda: engine_of("dock").mirror.snapshot.state == "up")
        live = Socket(loop, client, "dock").at("/ws/live/")
        live.say(sub=["containers:dock", "images:dock"])
        until(lambda: len(engine_of("dock").mirror._changes) > 1)
        faulty_engine.refuse()
        told = {"containers-changed", "images-changed"}
        until(lambda: {each["event"] for each in live.news if not each["ids"]} == told, 20)
        assert "Engine unreachable" in client.get("/hosts/dock/rail/").content.decode()
        live.drop()
        faulty_engine.heal()
