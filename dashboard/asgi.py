"""The ASGI application: plain ASGI, served by Daphne (dashboard/server.py) or any other server."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from dashboard.handler import application_of_django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django_application = application_of_django()

from dashboard import runtime  # noqa: E402  (Django must be set up before its models are imported)
from dashboard.sockets import websocket_routes  # noqa: E402
from dashboard.static import StaticFiles  # noqa: E402
from web.embed import PartitionedCookies  # noqa: E402
from web.proxied import Proxied  # noqa: E402


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """For servers that have a lifespan (uvicorn); Daphne has none and calls the runtime itself."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await runtime.serve()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await runtime.end()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    """A socket at an address we do not have: closed before accept, which is a bare 403."""
    await receive()
    await send({"type": "websocket.close"})


class Sockets:
    """The websocket routes; an unknown address is refused instead of raising."""

    def __init__(self) -> None:
        self.routes = URLRouter(websocket_routes())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.routes(scope, receive, send)
        except ValueError as error:
            if "No route found" not in str(error):
                raise
            await refuse(scope, receive, send)


application: Any = Proxied(
    ProtocolTypeRouter(
        {"http": StaticFiles(django_application), "websocket": Sockets(), "lifespan": lifespan}
    )
)
if settings.EMBED_CROSS_SITE:
    application = PartitionedCookies(application)
