"""``docker exec -it`` in a pty of our own: what a terminal of ours has to be equal to."""

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator

# What ours gives its programs, so that they draw the same.
ENVIRONMENT = ("-e", "TERM=xterm-256color", "-e", "LANG=C.UTF-8")


class LocalPty:
    """``output`` is what came so far."""

    def __init__(
        self, engine_url: str, container: str, command: list[str], size: tuple[int, int]
    ) -> None:
        self.output = bytearray()
        self._master, slave = pty.openpty()
        self._set_size(*size)
        line = ["docker", "-H", engine_url, "exec", "-it", *ENVIRONMENT, container, *command]
        self._process = subprocess.Popen(line, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # EIO: nobody holds the other end
            while data := os.read(self._master, 65536):
                self.output += data

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def resize(self, cols: int, rows: int) -> None:
        self._set_size(cols, rows)
        self._process.send_signal(signal.SIGWINCH)  # it is not its controlling terminal

    def _set_size(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def wait(self) -> int:
        """Until the command has ended and all its output is here."""
        code = self._process.wait(30)
        self._reader.join(30)
        return code

    def close(self) -> None:
        self._process.kill()
        self.wait()
        os.close(self._master)


@contextlib.contextmanager
def local_pty(
    engine_url: str, container: str, command: list[str], size: tuple[int, int]
) -> Iterator[LocalPty]:
    line = LocalPty(engine_url, container, command, size)
    try:
        yield line
    finally:
        line.close()
