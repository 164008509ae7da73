"""HTTP over a unix socket for the SDK's client, with one connection and a hard deadline.

The SDK's own adapter keeps a connection per address asked for, leaks the socket of a failed
connect, and bounds each read instead of the whole answer.
"""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from docker.transport.unixconn import (
    UnixHTTPAdapter,
    UnixHTTPConnection,
    UnixHTTPConnectionPool,
)

Ends = Callable[[], float]  # when the call in hand ends, in monotonic seconds


class DeadlineSocket(socket.socket):
    """Every read waits for what is left of the call, so that slow drops do not add up."""

    ends: Ends

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(max(0.001, self.ends() - time.monotonic()))
        return super().recv_into(*args, **kwargs)


class Connection(UnixHTTPConnection):
    ends: Ends

    def connect(self) -> None:
        made = DeadlineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.ends = self.ends
            made.settimeout(self.timeout)
            made.connect(self.unix_socket)
        except BaseException:
            made.close()
            raise
        self.sock = made


class Pool(UnixHTTPConnectionPool):
    def __init__(self, path: str, ends: Ends) -> None:
        super().__init__(f"http+unix://{path}", path, maxsize=1)
        self._ends = ends

    def _new_conn(self) -> Connection:  # type: ignore[override]  # the SDK has no stub for it
        made = Connection(self.base_url, self.socket_path)
        made.ends = self._ends
        return made


class Adapter(UnixHTTPAdapter):
    """Mounted in place of the SDK's; a client makes one request at a time."""

    def __init__(self, path: str, ends: Ends) -> None:
        super().__init__(f"http+unix://{path}")
        self._pool = Pool(path, ends)

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> Pool:
        return self._pool

    def close(self) -> None:
        super().close()
        self._pool.close()
