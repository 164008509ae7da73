"""Rendered pieces of lists, kept for all viewers of the same look. Bounded."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.utils.safestring import SafeString

T = TypeVar("T")


class Kept:
    """HTML by key, with what it was rendered of. The least used goes when ``most`` is passed."""

    def __init__(self, most: int) -> None:
        """``most``: characters in all."""
        self.most, self.size = most, 0
        self._pieces: OrderedDict[Hashable, tuple[Any, SafeString]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pieces)

    def find(self, key: Hashable, source: T, same: Callable[[T, T], bool]) -> SafeString | None:
        """The piece, where ``source`` looks the ``same`` as what it was rendered of."""
        with self._lock:
            piece = self._pieces.get(key)
            if piece is None:
                return None
            old, html = piece
            if old is not source:
                if not same(old, source):
                    return None
                self._pieces[key] = (source, html)  # the next look is a glance
            self._pieces.move_to_end(key)
            return html

    def put(self, key: Hashable, source: Any, text: str) -> SafeString:
        # In ASCII a character takes one byte of memory; one "…" would make it two for all of them.
        html = SafeString(text.encode("ascii", "xmlcharrefreplace").decode())
        with self._lock:
            self._drop(self._pieces.pop(key, None))
            self._pieces[key] = (source, html)
            self.size += len(html)
            while self.size > self.most:
                self._drop(self._pieces.popitem(last=False)[1])
        return html

    def clear(self) -> None:
        with self._lock:
            self._pieces.clear()
            self.size = 0

    def _drop(self, piece: tuple[Any, SafeString] | None) -> None:
        self.size -= len(piece[1]) if piece else 0
