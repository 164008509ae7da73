"""A socket's ASGI scope, as a browser that is logged in opens it."""

from typing import Any

from django.conf import settings
from django.test import Client

ORIGIN = b"http://testserver"


def scope_of(browser: Client, path: str, ticket: str, origin: bytes = ORIGIN) -> dict[str, Any]:
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    headers = [(b"host", b"testserver"), (b"origin", origin)]
    headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "raw_path": b"",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "subprotocols": ["wharfinger.1", f"ticket.{ticket}"],
    }
