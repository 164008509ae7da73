"""Requests of one engine in the negotiated version, for streams."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any, TypedDict

from engine.dial import Address
from engine.errors import EngineDown, EngineError, Refused
from engine.exchange import FIRST_BYTE_SECONDS, Answer, ask, with_query
from engine.frames import JsonLines
from engine.versions import choose, wrong_version


class How(TypedDict):
    """What ``exchange.ask`` wants to know besides."""

    headers: Mapping[str, str] | None
    body: bytes
    first_byte: float | None
    upgrade: bool


class Upstream:
    """Negotiates before the first request, and again when the engine was gone or changed."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._version = ""
        self._engine_version = ""

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        first_byte: float | None = FIRST_BYTE_SECONDS,
        upgrade: bool = False,
    ) -> AsyncIterator[Answer]:
        """One request, as ``exchange.ask`` makes it; ``path`` begins behind the version."""
        how: How = {"headers": headers, "body": body, "first_byte": first_byte, "upgrade": upgrade}
        async with AsyncExitStack() as stack:
            try:
                answer = await self._asked(stack, method, with_query(path, params), how)
                if answer.headers.get("api-version", self._engine_version) != self._engine_version:
                    self._version = ""
                yield answer
            except EngineDown:
                self._version = ""
                raise

    async def _asked(self, stack: AsyncExitStack, method: str, path: str, how: How) -> Answer:
        """Ask, and once more in another version where the engine has none of the first."""
        for last in (False, True):
            target = f"/v{await self._negotiated()}{path}"
            try:
                return await stack.enter_async_context(ask(self.address, method, target, **how))
            except Refused as error:
                if last or not wrong_version(error):
                    raise
                self._version = ""
        raise AssertionError("the second time it answered or raised")

    @asynccontextmanager
    async def objects(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The JSON objects of an answer as they come; no limit on the wait for any of them."""
        async with (
            self.open(method, path, params, headers, body, first_byte=None) as answer,
            aclosing(objects_of(answer)) as found,
        ):
            yield found

    async def _negotiated(self) -> str:
        if not self._version:
            version = await self._ask_version()
            self._engine_version = str(version.get("ApiVersion") or "")
            if not self._engine_version:
                raise EngineError(f"The engine at {self.address} names no API version.")
            self._version = choose(self._engine_version, str(version.get("MinAPIVersion") or ""))
        return self._version

    async def _ask_version(self) -> dict[str, Any]:
        async with (
            ask(self.address, "GET", "/version") as answer,
            aclosing(objects_of(answer)) as found,
        ):
            return next(iter([item async for item in found]), {})


async def objects_of(answer: Answer) -> AsyncGenerator[dict[str, Any]]:
    """The JSON objects of an answer's body."""
    parser = JsonLines()
    async with aclosing(answer.body()) as pieces:
        async for data in pieces:
            for item in parser.feed(data):
                yield item
    for item in parser.end():
        yield item


async def until_error(objects: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[dict[str, Any]]:
    """The same objects; one that tells an error raises it as Refused, in the engine's words."""
    async for item in objects:
        if error := item.get("error"):
            raise Refused(str((item.get("errorDetail") or {}).get("message") or error))
        yield item
