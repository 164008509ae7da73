"""Line input for a program without a terminal: what a kernel's terminal would do. Pure."""

import unicodedata
from dataclasses import dataclass, field

MOST_LINE = 4096  # as a kernel's; what is typed beyond is not taken
ENTER, ERASE, CLEAR, END, DROP, ESCAPE = b"\r\n", b"\x7f\x08", 0x15, 0x04, 0x03, 0x1B
BELL, BLANK = b"\x07", b"\b \b"


@dataclass(slots=True)
class Told:
    """``send`` goes to the program, ``show`` to the screen; ``ended``: close the input."""

    send: bytearray = field(default_factory=bytearray)
    show: bytearray = field(default_factory=bytearray)
    ended: bool = False


class TypedLines:
    """Enter sends the line, Backspace takes a character back, ^U the line, ^C drops it, ^D sends
    what there is or, on an empty line, ends the input."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._escape = 0  # within an arrow key: 1 after ESC, 2 until its last letter

    def feed(self, data: bytes) -> Told:
        told = Told()
        for byte in data:
            if told.ended:
                break
            self._take(byte, told)
        return told

    def _take(self, byte: int, told: Told) -> None:
        if byte == ESCAPE or self._escape:
            self._skip(byte)
        elif byte in ENTER:
            self._send(told, b"\n")
            told.show += b"\r\n"
        elif byte in ERASE:
            told.show += self._erase()
        elif byte == CLEAR:
            while self._line:
                told.show += self._erase()
        elif byte == DROP:
            self._line.clear()
            told.show += b"^C\r\n"
        elif byte == END:
            told.ended = not self._line
            self._send(told, b"")
        elif byte >= 0x20 or byte == 0x09:
            self._add(byte, told)

    def _skip(self, byte: int) -> None:
        if self._escape == 0:
            self._escape = 1
        elif self._escape == 1:
            self._escape = 2 if byte in b"[O" else 0
        elif 0x40 <= byte <= 0x7E:
            self._escape = 0

    def _send(self, told: Told, end: bytes) -> None:
        told.send += self._line + end
        self._line.clear()

    def _add(self, byte: int, told: Told) -> None:
        if len(self._line) >= MOST_LINE:
            told.show += BELL
            return
        self._line.append(byte)
        told.show += b" " if byte == 0x09 else bytes([byte])

    def _erase(self) -> bytes:
        """One character, of as many bytes as it has, and of the cells that it took."""
        if not self._line:
            return b""
        start = len(self._line) - 1
        while start and self._line[start] & 0xC0 == 0x80:
            start -= 1
        gone = self._line[start:].decode(errors="replace")
        del self._line[start:]
        return BLANK * sum(cells(character) for character in gone)


def cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
