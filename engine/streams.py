"""Long calls to one engine, on asyncio: each is a context that hangs up when it is left."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from engine import answers
from engine.auth import auth_header
from engine.dial import Address
from engine.duplex import Duplex, let_go_key
from engine.errors import EngineDown
from engine.exchange import Answer, json_body
from engine.frames import Frames
from engine.layer_diff import Change, DiffParser
from engine.log_lines import LogLines
from engine.names import quoted
from engine.tar_streams import TarStreams
from engine.types import EngineEvent, LogLine, RegistryAuth
from engine.upstream import Upstream, until_error


class Streams(TarStreams):
    """Any number at a time. Every method raises EngineErrors: on entering and while reading."""

    def __init__(self, address: str | Address) -> None:
        self.address = Address.parse(address) if isinstance(address, str) else address
        self._upstream = Upstream(self.address)

    @asynccontextmanager
    async def logs(
        self,
        id: str,
        *,
        tty: bool,
        follow: bool,
        since_ns: int | None = None,
        until_ns: int | None = None,
        tail: int | None = None,
        stdout: bool = True,
        stderr: bool = True,
        timestamps: bool = True,
    ) -> AsyncIterator[AsyncIterator[list[LogLine]]]:
        """Batches of lines as they come; ``since_ns`` is inclusive, ``tail`` None is all.

        The iteration ends when the container does (``follow``) or the stored log is read.
        """
        params = _log_params(follow, since_ns, until_ns, tail, stdout, stderr, timestamps)
        path = f"/containers/{quoted(id)}/logs"
        parser = LogLines(tty, timestamps)
        async with (
            self._upstream.open("GET", path, params, first_byte=None) as answer,
            aclosing(_line_batches(answer, parser)) as batches,
        ):
            yield batches

    @asynccontextmanager
    async def raw_logs(
        self,
        id: str,
        *,
        tty: bool,
        follow: bool = False,
        since_ns: int | None = None,
        until_ns: int | None = None,
        tail: int | None = None,
        stdout: bool = True,
        stderr: bool = True,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The log byte for byte as it is stored, without the engine's frames."""
        params = _log_params(follow, since_ns, until_ns, tail, stdout, stderr, False)
        path = f"/containers/{quoted(id)}/logs"
        frames = None if tty else Frames()
        async with (
            self._upstream.open("GET", path, params, first_byte=None) as answer,
            aclosing(_payloads(answer, frames)) as pieces,
        ):
            yield pieces

    @asynccontextmanager
    async def events(
        self, since_ns: int | None = None, until_ns: int | None = None, container: str = ""
    ) -> AsyncIterator[AsyncIterator[EngineEvent]]:
        """Everything that happens in the engine, from ``since_ns`` on, without an end.

        ``until_ns`` ends it; ``container`` (an id) leaves out what concerns no other.
        """
        only = json.dumps({"container": [container]}) if container else None
        params = {"since": _seconds(since_ns), "until": _seconds(until_ns), "filters": only}
        async with (
            self._upstream.objects("GET", "/events", params) as objects,
            aclosing(_events(objects)) as found,
        ):
            yield found

    @asynccontextmanager
    async def stats(self, id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The engine's sample of one container, about once a second while it exists."""
        path = f"/containers/{quoted(id)}/stats"
        async with self._upstream.objects("GET", path, {"stream": True}) as objects:
            yield objects

    async def reading(self, id: str) -> dict[str, Any]:
        """The engine's sample of this moment, alone and at once: its CPU time has no other to
        be compared with. Empty where the container does not run."""
        params = {"stream": False, "one-shot": True}
        path = f"/containers/{quoted(id)}/stats"
        async with self._upstream.objects("GET", path, params) as objects:
            async for item in objects:
                return item
        raise EngineDown(f"The engine at {self.address} hung up without an answer.")

    @asynccontextmanager
    async def pull(
        self, reference: str, auth: RegistryAuth | None = None, platform: str = ""
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The engine's progress objects; without a tag in the reference it is ``latest``.

        Raises Refused with the engine's words, also in the middle. Leaving cancels the pull.
        """
        name, tag = split_reference(reference)
        params = {"fromImage": name, "tag": tag, "platform": platform or None}
        headers = auth_header(auth) if auth else {}
        async with _progress(self._upstream, "/images/create", params, headers) as objects:
            yield objects

    @asynccontextmanager
    async def push(
        self, reference: str, auth: RegistryAuth | None = None
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The engine's progress objects; as ``pull``."""
        name, tag = split_reference(reference)
        path = f"/images/{quoted(name)}/push"
        async with _progress(self._upstream, path, {"tag": tag}, auth_header(auth)) as objects:
            yield objects

    @asynccontextmanager
    async def exec_start(self, exec_id: str, tty: bool) -> AsyncIterator[Duplex]:
        """Start a prepared command; what it writes and reads."""
        headers, body = json_body({"Detach": False, "Tty": tty})
        path = f"/exec/{quoted(exec_id)}/start"
        async with self._upstream.open("POST", path, {}, headers, body, upgrade=True) as answer:
            yield Duplex(answer, tty)

    @asynccontextmanager
    async def attach(self, id: str, tty: bool, stdin: bool) -> AsyncIterator[Duplex]:
        """The container's own input and output from now on."""
        params = {"stream": True, "stdin": stdin, "stdout": True, "stderr": True}
        path = f"/containers/{quoted(id)}/attach"
        async with self._upstream.open("POST", path, params, upgrade=True) as answer:
            yield Duplex(answer, tty)

    async def give_input(self, id: str, data: bytes, *, tty: bool, hear: bool) -> None:
        """Write to the container's own input, let go of it again; ``hear`` as ``Duplex.finish``.

        Raises Refused for bytes that no terminal can be given.
        """
        keys = let_go_key(data) if tty else None
        params = {"stream": True, "stdin": True, "detachKeys": keys}
        path = f"/containers/{quoted(id)}/attach"
        async with self._upstream.open("POST", path, params, upgrade=True) as answer:
            duplex = Duplex(answer, tty=True)  # of its output nothing is asked for
            await duplex.write(data)
            await duplex.finish(hear)

    @asynccontextmanager
    async def diff(self, id: str) -> AsyncIterator[AsyncIterator[list[Change]]]:
        """Paths that differ from the image, as they come, in no order. Leaving hangs up."""
        path = f"/containers/{quoted(id)}/changes"
        async with (
            self._upstream.open("GET", path, {}, first_byte=None) as answer,
            aclosing(_changes(answer)) as batches,
        ):
            yield batches

    async def commit(
        self, id: str, params: Mapping[str, Any], config: Mapping[str, Any] | None = None
    ) -> str:
        """Make an image of a container; its id, once all is written, however long it takes.

        ``config`` is in the place of the container's own. Cut off, the engine goes on and makes
        it all the same.
        """
        query = {"container": id, **params}
        sent = json_body(config) if config else ()
        async with self._upstream.objects("POST", "/commit", query, *sent) as objects:
            async for item in objects:
                return answers.bare_id(str(item.get("Id") or ""))
        raise EngineDown(f"The engine at {self.address} hung up while we waited.")

    async def wait(self, id: str) -> int:
        """Wait without limit until the container stops; its exit code."""
        path = f"/containers/{quoted(id)}/wait"
        params = {"condition": "not-running"}
        async with self._upstream.objects("POST", path, params) as objects:
            async for item in objects:
                return int(item.get("StatusCode") or 0)
        raise EngineDown("The engine at %(address)s hung up while we waited.", address=self.address)


def split_reference(reference: str) -> tuple[str, str]:
    """Name and tag (``latest`` where none is given) or name and digest."""
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    head, colon, tag = reference.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (reference, "latest")


def _log_params(
    follow: bool,
    since_ns: int | None,
    until_ns: int | None,
    tail: int | None,
    stdout: bool,
    stderr: bool,
    timestamps: bool,
) -> dict[str, Any]:
    return {
        "follow": follow,
        "since": _seconds(since_ns),
        "until": _seconds(until_ns),
        "tail": "all" if tail is None else tail,
        "stdout": stdout,
        "stderr": stderr,
        "timestamps": timestamps,
    }


def _seconds(ns: int | None) -> str | None:
    return None if ns is None else answers.seconds_text(ns)


async def _line_batches(answer: Answer, parser: LogLines) -> AsyncGenerator[list[LogLine]]:
    async with aclosing(answer.body()) as pieces:
        async for data in pieces:
            if lines := parser.feed(data):
                yield lines
    if lines := parser.end():
        yield lines


async def _payloads(answer: Answer, frames: Frames | None) -> AsyncGenerator[bytes]:
    async with aclosing(answer.body()) as pieces:
        async for data in pieces:
            if frames:
                data = b"".join([payload for _, payload in frames.feed(data)])
            if data:
                yield data


async def _changes(answer: Answer) -> AsyncGenerator[list[Change]]:
    parser = DiffParser()
    async with aclosing(answer.body()) as pieces:
        async for data in pieces:
            if found := parser.feed(data):
                yield found


async def _events(objects: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[EngineEvent]:
    async for item in objects:
        yield answers.event(item)


@asynccontextmanager
async def _progress(
    upstream: Upstream, path: str, params: Mapping[str, Any], headers: Mapping[str, str]
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with (
        upstream.objects("POST", path, params, headers) as objects,
        aclosing(until_error(objects)) as progress,
    ):
        yield progress
