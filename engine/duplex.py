"""Both directions of a hijacked connection: an exec's or a container's terminal."""

from engine.errors import Conflict, Refused
from engine.exchange import Answer
from engine.frames import Frames

# What an engine can be told to take as the key for letting go: names in the order of their codes.
_CONTROLS = tuple(f"ctrl-{key}" for key in "@abcdefghijklmnopqrstuvwxyz[\\]^_")
_KEYS = tuple(enumerate(_CONTROLS)) + tuple(
    (code, chr(code)) for code in range(0x21, 0x7F) if chr(code) != ","
)


def let_go_key(data: bytes) -> str:
    """A key that is not among these bytes: of a terminal's input the engine keeps that key for
    itself. Raises Refused where they have all of them."""
    held = set(data)
    for code, name in _KEYS:
        if code not in held:
            return name
    raise Refused(
        "A terminal takes text: these bytes hold every key by which the engine could let go of it."
    )


class Duplex:
    """Owned by one reader and one writer at a time; closed by the context it came from.

    ``tty``: the engine sends bytes as they are; otherwise framed by stream.
    """

    def __init__(self, answer: Answer, tty: bool) -> None:
        self._answer = answer
        self._frames = None if tty else Frames()
        self._ended = False

    async def read(self) -> bytes:
        """Output of both streams in the order it came; empty at the end."""
        return b"".join(data for _, data in await self.read_streams())

    async def read_streams(self) -> list[tuple[int, bytes]]:
        """Pieces of (1 stdout or TTY, 2 stderr); an empty list at the end.

        Raises EngineDown where the connection breaks.
        """
        while True:
            data = await self._answer.read()
            if not data:
                self._ended = True
                return []
            found = self._frames.feed(data) if self._frames else [(1, data)]
            if found := [(stream or 1, piece) for stream, piece in found if piece]:
                return found

    def write_at_once(self, data: bytes) -> bool:
        """Send input if nothing waits before it; False where ``write`` has to be awaited."""
        writer = self._answer.writer
        if self._ended or writer.is_closing() or writer.transport.get_write_buffer_size():
            return False
        writer.write(data)
        return True

    async def write(self, data: bytes) -> None:
        """Send input and wait while the other side is slow. Raises Conflict once it ended."""
        writer = self._answer.writer
        if self._ended or writer.is_closing():
            raise Conflict("The command has ended; it takes no more input.")
        try:
            writer.write(data)
            await writer.drain()
        except OSError as error:
            raise Conflict("The command has ended; it takes no more input.") from error

    def close_stdin(self) -> bool:
        """End the input; the output goes on. False where a connection cannot be half closed (TLS)
        or is gone: no effect."""
        writer = self._answer.writer
        if not writer.can_write_eof() or writer.is_closing():
            return False
        writer.write_eof()
        return True

    async def finish(self, hear: bool) -> None:
        """Send all that was written, and end the input. ``hear``: and wait until the other side
        lets go, which says that it has taken all; over TLS, nothing says that."""
        writer = self._answer.writer
        writer.transport.set_write_buffer_limits(high=0)
        await writer.drain()
        if not self.close_stdin():
            writer.close()
            await writer.wait_closed()
        elif hear:
            while await self.read_streams():
                pass

    def close(self) -> None:
        """Cut the connection. What runs in the container goes on running."""
        self._answer.writer.transport.abort()
