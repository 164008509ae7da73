"""A narrow line in front of a registry: answers trickle until it is opened wide."""

import contextlib
import socket
import threading
import time
from typing import Any

PIECE = 16384


class SlowRegistry:
    """``address`` stands for the registry. ``requests`` holds the first line of each request.

    ``rate`` is bytes a second for answers above one piece; 0 is no limit.
    """

    def __init__(self, upstream: str) -> None:
        host, _, port = upstream.partition(":")
        self._upstream = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.rate = 200_000
        self.requests: list[str] = []
        self.open = 0
        self._threads: list[threading.Thread] = []
        self._closing = False

    def start(self) -> None:
        self._spawn(self._accept)

    def stop(self) -> None:
        self._closing = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._upstream)
            self.open += 1
            self._spawn(self._requests, near, far)
            self._spawn(self._answers, far, near)

    def _requests(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(PIECE):
                first = data.split(b"\r\n", 1)[0].decode("latin1")
                if first.endswith("HTTP/1.1"):
                    self.requests.append(first)
                far.sendall(data)
        except OSError:
            pass
        finally:
            shut(far)

    def _answers(self, far: socket.socket, near: socket.socket) -> None:
        try:
            while not self._closing and (data := far.recv(PIECE)):
                near.sendall(data)
                if self.rate and len(data) == PIECE:
                    time.sleep(PIECE / self.rate)
        except OSError:
            pass
        finally:
            self.open -= 1
            shut(near)
            near.close()
            far.close()


def shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
