"""What jobs are asked with and may not be stored, for it may hold secrets: kept in memory."""

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

MOST_WAITING = 100
Asked = TypeVar("Asked")


class Waiting(Generic[Asked]):
    """By a key that tells nothing; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()

    def put(self, asked: Asked) -> str:
        key = secrets.token_urlsafe(12)
        self._asked[key] = asked
        while len(self._asked) > MOST_WAITING:
            self._asked.popitem(last=False)
        return key

    def get(self, key: str) -> Asked | None:
        return self._asked.get(key)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Let it go where the block fails: whoever is refused again and again would put out what
        others asked for."""
        try:
            yield
        except BaseException:
            self._asked.pop(key, None)
            raise
