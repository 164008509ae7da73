"""Every socket address of the site on one screen. Each consumer class declares its ``right``."""

from typing import Any

from django.urls import URLPattern, path

from containers.log_socket import LogSocket
from containers.terminal_socket import TerminalSocket
from dashboard.live import LiveSocket
from web.sockets import Socket

CONTAINER = "ws/hosts/<slug:host>/containers/<str:container_id>"


def websocket_routes() -> list[URLPattern]:
    return [
        route("ws/live/", LiveSocket),
        route(f"{CONTAINER}/logs/", LogSocket),
        route(f"{CONTAINER}/terminal/", TerminalSocket),
    ]


def route(address: str, consumer: type[Socket]) -> URLPattern:
    asgi: Any = consumer.as_asgi()  # Django's stubs know views only
    return path(address, asgi)
