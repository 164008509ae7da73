"""The application is plain ASGI: the whole site under another server, with its lifespan."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

from tests.bench.http import Person
from tests.bench.websocket import Closed, Socket
from tests.registry import free_port
from tests.runtime import until
from tests.site import running_site


async def first_message_and_close(person: Person) -> tuple[str, str]:
    """What the live socket says first, and its close code once the server is told to end."""
    socket = await Socket.open(person, "/ws/live/")
    socket.say(sub=["containers:local"], since={"containers:local": -1})
    event = json.loads(await socket.receive())["event"]
    person.site.process.send_signal(signal.SIGTERM)
    try:
        while True:
            await socket.receive()
    except Closed as closed:
        await socket.close()
        return str(event), str(closed)


def test_the_whole_site_runs_under_uvicorn(
    engine_url: str, container: Callable[..., str], tmp_path: Path
) -> None:
    port = str(free_port())
    uvicorn = {
        "UVICORN_APP": "dashboard.asgi:application",
        "UVICORN_PORT": port,
        "UVICORN_WS": "websockets-sansio",
    }
    made = container(start=False)
    with running_site(engine_url, tmp_path, "uvicorn", PORT=port, **uvicorn) as site:
        person = Person(site)
        listed = "/hosts/local/containers/?format=ids"
        until(lambda: made.encode() in person.get(listed, Accept_Encoding="identity"), 20)
        event, code = asyncio.run(first_message_and_close(person))
        person.close()
        site.process.wait(20)
        assert (event, code) == ("containers-changed", "1012")
        assert "Traceback" not in site.log
