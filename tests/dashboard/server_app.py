"""A tiny ASGI application under our server or under uvicorn, for the contract tests.

``python -m tests.dashboard.server_app daphne|uvicorn`` prints the address it listens on. From the
environment: PING_SECONDS, and MOST_CONNECTIONS of one address (of all, under uvicorn).
"""

import asyncio
import os
import resource
import socket
import sys
from pathlib import Path
from typing import Any

PIECE = bytes(65536)
DOWNLOAD = 128 * 2**20
FLOOD = 100 * 2**20
entered: list[str] = []
left: list[str] = []
failed: list[str] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    entered.append(scope["path"])
    try:
        await (http if scope["type"] == "http" else websocket)(scope, receive, send)
    except Exception:
        failed.append(scope["path"])
        raise
    finally:
        left.append(scope["path"])


async def http(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    if path == "/download":
        await download(send)
    elif path == "/fails":
        await start(send)
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("on purpose")
    elif path == "/slow":
        await asyncio.sleep(60)
    elif path == "/failures":
        await answer(send, str(len(failed)).encode())
    elif path == "/facts":
        await answer(send, facts(scope.get("root_path", "")).encode())
    else:
        await answer(send, str(await body_length(receive)).encode())


def facts(root: str) -> str:
    memory = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return f"{memory} {entered.count('/seen')} {left.count('/download')} {root}|"


async def download(send: Any) -> None:
    await start(send, DOWNLOAD)
    for _ in range(DOWNLOAD // len(PIECE)):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def body_length(receive: Any) -> int:
    total = 0
    while True:
        message = await receive()
        total += len(message.get("body", b""))
        if not message.get("more_body"):
            return total


async def start(send: Any, length: int | None = None) -> None:
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def answer(send: Any, body: bytes) -> None:
    await start(send, len(body))
    await send({"type": "http.response.body", "body": body})


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    if scope["path"] == "/refuse":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    if scope["path"] == "/flood":
        for _ in range(FLOOD // len(PIECE)):
            await send({"type": "websocket.send", "bytes": PIECE})
    elif scope["path"].startswith("/close/"):
        await send({"type": "websocket.close", "code": int(scope["path"][7:])})
    elif scope["path"] == "/deaf":
        await asyncio.sleep(60)
    while (message := await receive())["type"] == "websocket.receive":
        kind = "bytes" if message.get("bytes") is not None else "text"
        await send({"type": "websocket.send", kind: message[kind]})


async def signed_in(headers: list[tuple[bytes, bytes]]) -> bool:
    await asyncio.sleep(0.05)
    return (b"cookie", b"session=good") in headers


def serve_daphne() -> None:
    from dashboard.server import bodies, connections, server

    connections.HEADER_SECONDS = bodies.PATIENCE = 3  # shorter, so that the tests are
    connections.LINGER_SECONDS = 1
    server.PING_SECONDS = int(os.environ.get("PING_SECONDS", server.PING_SECONDS))
    connections.CONNECTIONS_PER_ADDRESS = int(
        os.environ.get("MOST_CONNECTIONS", connections.CONNECTIONS_PER_ADDRESS)
    )

    async def stopped() -> None:
        print("background work stopped", flush=True)

    server.Server(application, "127.0.0.1", 0, signed_in, on_stop=stopped).run()


def serve_uvicorn() -> None:
    """With our bounds, where it has such."""
    import uvicorn

    most = os.environ.get("MOST_CONNECTIONS")
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"Listens on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        application,
        ws="websockets-sansio",
        ws_max_size=2**20,
        ws_ping_interval=float(os.environ.get("PING_SECONDS", "20")),
        limit_concurrency=int(most) if most else None,
        timeout_graceful_shutdown=2,
        lifespan="off",
        log_level="error",
    )
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    {"daphne": serve_daphne, "uvicorn": serve_uvicorn}[sys.argv[1]]()
