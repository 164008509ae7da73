"""``python -m dashboard.server``: start Wharfinger with the settings of the environment."""

import fcntl
import gc
import os
import resource
import sys
from pathlib import Path
from typing import IO

import daphne.server  # noqa: F401  (installs the asyncio reactor, so it comes first)
from django.core.exceptions import ImproperlyConfigured

try:
    from dashboard.asgi import application
except ImproperlyConfigured as error:
    sys.exit(f"Wharfinger does not start: {error}")

from django.conf import settings
from django.core.management import call_command

from access.actors import session_key_of
from access.addresses import is_trusted
from access.logins import actors_of
from access.tokens import find
from dashboard import memory, runtime
from dashboard.server.server import Headers, Server
from engine.threads import door
from web.bearer import secret_of
from web.routes import every_route_has_a_right
from web.sockets import PINGS_UNANSWERED


async def signed_in(headers: Headers) -> bool:
    """Whether a token stands, or the session cookie is that of an active login; who sends
    neither asks no database."""
    for name, value in headers:
        if name == b"authorization" and (secret := secret_of(value.decode("latin1"))) is not None:
            return await door.run(find, secret) is not None
    if not any(settings.SESSION_COOKIE_NAME.encode() in value for _, value in headers):
        return False
    # By the session alone: what a proxy says of the request is asked when the request begins.
    return bool(await door.run(actors_of, {session_key_of({"headers": headers})}))


def lock(data_dir: Path) -> IO[str]:
    """Hold the data directory: a second server would not see this one's memory."""
    file = (data_dir / "server.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        sys.exit(
            f"Wharfinger does not start: process {file.read() or '?'} already serves {data_dir}. "
            "Stop it, or choose another DATA_DIR."
        )
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def need_rights() -> None:
    """No route without a right is ever served. (A command that is called runs no checks.)"""
    if errors := every_route_has_a_right(None):
        sys.exit("\n".join(f"Wharfinger does not start: {error.msg}" for error in errors))


def server_with(spool: Path) -> Server:
    """By the settings; bodies that come slowly are kept in ``spool``."""
    server = Server(
        application,
        settings.HOST,
        settings.PORT,
        signed_in,
        spool,
        on_start=runtime.serve,
        on_stop=runtime.end,
    )
    server.is_proxy = lambda address: is_trusted(address, settings.TRUSTED_PROXIES)
    server.ping_interval = settings.SOCKET_PING_SECONDS
    server.ping_timeout = PINGS_UNANSWERED * settings.SOCKET_PING_SECONDS
    return server


def main() -> None:
    memory.few_heaps()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with lock(settings.DATA_DIR):
        call_command("prepare")
        need_rights()
        spool = Path(settings.DATA_DIR) / "bodies"
        spool.mkdir(exist_ok=True, mode=0o700)
        server = server_with(spool)
        gc.collect()
        gc.freeze()  # what is imported stays: each look of the collector at it would hold the loop
        try:
            server.run()
        except OSError as error:
            sys.exit(f"Wharfinger does not start: {error}")


if __name__ == "__main__":
    main()
