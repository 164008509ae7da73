"""Sockets and work on the loop say what they say in the language of whom they say it to."""

from collections.abc import Iterator
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.utils.translation import get_language, gettext, override, trans_real

from access.actors import Actor
from dashboard import catalogues
from engine.threads import Door
from tests.runtime import Loop
from web import sockets
from web.language import speak
from web.sockets import Socket

ORIGIN = [(b"origin", b"http://localhost"), (b"host", b"localhost")]


@pytest.fixture(autouse=True)
def compiled() -> None:
    catalogues.prepare(settings.CATALOGUES, settings.LOCALE_PATHS[0])
    trans_real._translations.clear()


class Speaking(Socket):
    async def admitted(self) -> bool:
        return True

    async def opened(self) -> None:
        self.own(self.speak())

    async def speak(self) -> None:
        await self.send(text_data=gettext("Containers"))


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "容器"), ("en", "Containers")])
async def test_a_socket_speaks_its_persons_language(
    monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    class PlainDoor:
        async def run(self, fn: Any, *args: Any) -> Actor:
            return Actor(user_id=7, username="kim", language=language)

    monkeypatch.setattr(sockets, "door", PlainDoor())
    client = WebsocketCommunicator(Speaking.as_asgi(), "/ws/", headers=ORIGIN)
    assert (await client.connect())[0]
    assert await client.receive_from() == words
    await client.disconnect()


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def test_a_job_speaks_the_language_of_the_request_that_started_it(loop: Loop) -> None:
    """The door carries it to the loop, and from there into its threads."""
    door = Door(threads=1)
    door.carry(get_language, speak)

    async def said() -> tuple[str | None, str]:
        return get_language(), await door.run(gettext, "Containers")

    async def begin() -> None:
        door.open(loop.loop)

    async def done(task: Any) -> Any:
        return await task

    loop.run(begin())
    with override("zh-hans"):
        chinese = door.spawn(said(), "chinese")
    english = door.spawn(said(), "english")
    assert loop.run(done(chinese)) == ("zh-hans", "容器")
    assert loop.run(done(english)) == ("en", "Containers")
    loop.run(door.close())
