"""Both directions of a hijacked connection: an exec's or a container's terminal."""

from engine.errors import Conflict
from engine.exchange import Answer
from engine.frames import Frames


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

    def close(self) -> None:
        """Cut the connection. What runs in the container goes on running."""
        self._answer.writer.transport.abort()
