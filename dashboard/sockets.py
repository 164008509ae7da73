"""Every socket address of the site on one screen. Each consumer class declares its ``right``."""

from typing import Any

from django.urls import path

from containers.attach_socket import AttachSocket
from containers.log_socket import LogSocket, MergedLogSocket
from containers.terminal_socket import TerminalSocket
from containers.watch_socket import WatchSocket
from dashboard.live import LiveSocket
from web.sockets import Socket

CONTAINER = "ws/hosts/<slug:host>/containers/<str:container_id>"


def websocket_routes() -> list[Any]:
    return [
        route("ws/live/", LiveSocket),
        route(f"{CONTAINER}/logs/", LogSocket),
        route("ws/hosts/<slug:host>/logs/", MergedLogSocket, container_id="several"),
        route(f"{CONTAINER}/terminal/", TerminalSocket),
        route(f"{CONTAINER}/attach/", AttachSocket),
        route(f"{CONTAINER}/watch/", WatchSocket),
    ]


def route(address: str, consumer: type[Socket], **given: str) -> Any:
    """A URLPattern; the stubs of Django and of Channels do not agree on its type."""
    asgi: Any = consumer.as_asgi()
    return path(address, asgi, given)
