"""Addresses, and opening a connection within a deadline."""

import asyncio
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from engine import dial
from engine.commands import Commands
from engine.dial import Address
from engine.errors import EngineDown, EngineError, EngineSilent
from engine.streams import Streams


@pytest.mark.parametrize(
    ("url", "certificates", "text"),
    [
        ("unix:///var/run/docker.sock", "", "unix:///var/run/docker.sock"),
        ("tcp://host", "", "tcp://host:2375"),
        ("tcp://host:1234/", "", "tcp://host:1234"),
        ("tcp://host", "/certs", "https://host:2376"),
        ("https://host", "", "https://host:2376"),
        ("http://[::1]:99", "", "tcp://[::1]:99"),
    ],
)
def test_addresses(url: str, certificates: str, text: str) -> None:
    assert str(Address.parse(url, certificates)) == text


@pytest.mark.parametrize(
    "url",
    ["", "docker.sock", "unix://", "unix://relative", "tcp://", "tcp://host:port", "ssh://host",
     "tcp://user@host", "tcp://host/path", "tcp://host:99999"],
)  # fmt: skip
def test_what_is_no_address_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="engine address"):
        Address.parse(url)


async def test_no_socket_refused_and_forbidden_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(EngineDown, match="no such socket"):
        await dial.open(Address(path=str(tmp_path / "none.sock")))
    with pytest.raises(EngineDown, match="refused"):
        await dial.open(Address(host="127.0.0.1", port=9))


async def test_an_engine_that_no_longer_accepts_is_an_error_at_once(tmp_path: Path) -> None:
    path = tmp_path / "full.sock"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        async with asyncio.timeout(4):
            with pytest.raises(EngineError):
                await Streams(f"unix://{path}").wait("any")
        with pytest.raises(EngineSilent):
            await asyncio.to_thread(Commands(f"unix://{path}").ping, 4)


def make_certificates(folder: Path) -> None:
    """An authority that is also the engine's and the client's certificate."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())


async def test_tls_verifies_the_engine_and_shows_our_certificate(
    engine_url: str, tmp_path: Path
) -> None:
    make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    forwarding: set[asyncio.Task[None] | None] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        forwarding.add(asyncio.current_task())
        from_engine, to_engine = await dial.open(Address.parse(engine_url))
        try:
            to_engine.write(await reader.readuntil(b"\r\n\r\n"))
            while data := await from_engine.read(65536):
                writer.write(data)
        except asyncio.CancelledError:
            pass  # asyncio would log the end of a handler as an error
        finally:
            to_engine.transport.abort()
            writer.transport.abort()

    server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
    url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        async with Streams(Address.parse(url, str(tmp_path))).events(0) as events:
            assert events
        with pytest.raises(EngineDown, match="certificate"):
            await dial.open(Address.parse(url.replace("tcp", "https")))
    for task in forwarding:
        if task is not None:
            task.cancel()
            await task
