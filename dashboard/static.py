"""Static files, served in front of Django: hashed and immutable, gzipped ahead of time.

Before `manage.py prepare`, and in DEBUG, the source folders are served as they are.
"""

import asyncio
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation

from dashboard.hashed_files import HashedFiles

Application = Callable[[Any, Any, Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
TEXT = ("text/", "application/json", "image/svg+xml")
FOREVER = b"public, max-age=31536000, immutable"
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"accept-encoding"),
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in one encoding, held in memory: their number is that of the prepared files.

    What is immutable needs no tag: nobody asks whether it changed.
    """

    content: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    etag: bytes = b""


class StaticFiles:
    """ASGI: answers below STATIC_URL, hands everything else to ``application``."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.prefix = urlsplit(settings.STATIC_URL).path
        self.held: dict[tuple[str, bool], Asset] = {}

    @cached_property
    def hashed(self) -> frozenset[str]:
        """Read at the first request: the server prepares the files after this object is made."""
        return frozenset() if settings.DEBUG else HashedFiles().hashed_names()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = str(scope["path"])
        if scope["type"] != "http" or not path.startswith(self.prefix):
            await self.application(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, [(b"allow", b"GET, HEAD")])
            return
        asset = await self.find(path.removeprefix(self.prefix), takes_gzip(scope))
        if asset is None:
            await answer(send, 404, [(b"cache-control", b"no-store")])
        elif asset.etag and asset.etag in header(scope, b"if-none-match"):
            await answer(send, 304, list(asset.headers), body=None)
        else:
            body = asset.content if scope["method"] == "GET" else None
            await answer(send, 200, [*asset.headers, length(asset.content)], body)

    async def find(self, name: str, gzipped: bool) -> Asset | None:
        """The asset of this name, read once if it is a prepared one; None where there is none."""
        if not self.hashed:
            return await asyncio.to_thread(from_source, name)
        if name not in self.hashed:
            return None
        if (name, gzipped) not in self.held:
            self.held[name, gzipped] = await asyncio.to_thread(from_prepared, name, gzipped)
        return self.held[name, gzipped]


def from_prepared(name: str, gzipped: bool) -> Asset:
    plain = Path(staticfiles_storage.path(name))
    packed = plain.with_name(f"{plain.name}.gz")
    if gzipped and packed.is_file():
        return asset(plain, packed.read_bytes(), FOREVER, (b"content-encoding", b"gzip"))
    return asset(plain, plain.read_bytes(), FOREVER)


def from_source(name: str) -> Asset | None:
    try:
        found = finders.find(name)
    except (SuspiciousFileOperation, ValueError):
        return None
    if not isinstance(found, str) or not Path(found).is_file():
        return None
    content = Path(found).read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'.encode()
    plain = asset(Path(found), content, b"no-cache", (b"etag", etag))
    return replace(plain, etag=etag)


def asset(path: Path, content: bytes, caching: bytes, *more: tuple[bytes, bytes]) -> Asset:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    if kind.startswith(TEXT):
        kind = f"{kind}; charset=utf-8"
    own = ((b"content-type", kind.encode()), (b"cache-control", caching))
    return Asset(content, (*own, *ALWAYS, *more))


def takes_gzip(scope: Any) -> bool:
    return b"gzip" in header(scope, b"accept-encoding")


def header(scope: Any, name: bytes) -> bytes:
    return b",".join(value for key, value in scope["headers"] if key == name)


def length(content: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(content)).encode()


async def answer(send: Any, status: int, headers: Headers, body: bytes | None = b"") -> None:
    if status >= 400:
        headers = [*headers, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body or b""})
