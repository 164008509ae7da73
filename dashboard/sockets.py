"""Every socket address of the site on one screen. Each consumer class declares its ``right``."""

from typing import Any

from django.urls import path

from dashboard.live import LiveSocket


def websocket_routes() -> list[Any]:
    return [
        path("ws/live/", LiveSocket.as_asgi()),
    ]
