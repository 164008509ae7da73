"""How long to wait before the next attempt to reach an engine."""

import random
from collections.abc import Iterator

FIRST = 0.5
EARLY_LIMIT = 3.0
LATE_LIMIT = 30.0
EARLY_TRIES = 100  # about five minutes of a dead engine


def waits() -> Iterator[float]:
    """Seconds: 0.5 doubling to 3, after some minutes to 30, each less up to half of itself.

    Most engines are back within minutes, and people wait for them: so the early limit is low.
    The jitter keeps a hundred feeds of one engine from knocking all at once.
    """
    wait, tries = FIRST, 0
    while True:
        yield wait * random.uniform(0.5, 1.0)  # noqa: S311
        tries += 1
        wait = min(wait * 2, EARLY_LIMIT if tries < EARLY_TRIES else LATE_LIMIT)
