"""The last output of a terminal, addressed by how many bytes came before it. Pure."""

SIZE = 256 * 1024
_SLACK = 64 * 1024
_FIRST_LINE = 4096


class Replay:
    """Keeps the last ``size`` bytes; ``produced`` is the place behind the newest byte."""

    def __init__(self, size: int = SIZE) -> None:
        self.size = size
        self.produced = 0
        self._held = bytearray()

    @property
    def start(self) -> int:
        """The place of the oldest byte that is still held."""
        return self.produced - len(self._held)

    @property
    def beginning(self) -> int:
        """Where to begin for someone who saw nothing: at a line's start, if bytes were let go.

        Cut in the middle of an escape sequence, the rest of it would be shown as text.
        """
        if self.start == 0:
            return 0
        line_end = self._held.find(b"\n", 0, _FIRST_LINE)
        return self.start + line_end + 1

    def append(self, data: bytes) -> None:
        self._held += data
        self.produced += len(data)
        if len(self._held) > self.size + _SLACK:
            del self._held[: len(self._held) - self.size]

    def holds(self, place: int) -> bool:
        return self.start <= place <= self.produced

    def read(self, place: int, most: int) -> bytes:
        """At most ``most`` bytes from ``place`` on, which must be held."""
        if not self.holds(place):
            raise IndexError(f"{place} is not within {self.start} … {self.produced}")
        begin = place - self.start
        return bytes(self._held[begin : begin + most])
