"""What the mirror tells its listeners: changes that merge, events that drop the oldest."""

import asyncio
import time
from collections import deque

from engine.snapshot import Change
from engine.types import EngineEvent

WINDOW = 0.5  # seconds in which one subscriber gets at most
IN_WINDOW = 2  # changes: one action makes two at once (it stops, it leaves its network)
MOST_IDS = 2000
MOST_EVENTS = 1000


class ChangeSubscription:
    """An endless iterator of changes. Unread ones merge into one, however many they are.

    At most four come in a second, and what comes after a pause comes at once.
    """

    def __init__(self, version: int) -> None:
        self._pending = Change(version)
        self._arrived = asyncio.Event()
        self._given = deque([float("-inf")] * IN_WINDOW, maxlen=IN_WINDOW)

    def push(self, change: Change) -> None:
        self._pending = merged(self._pending, change)
        self._arrived.set()

    def __aiter__(self) -> "ChangeSubscription":
        return self

    async def __anext__(self) -> Change:
        await self._arrived.wait()
        await asyncio.sleep(max(0.0, self._given[0] + WINDOW - time.monotonic()))
        change = self._pending
        self._pending = Change(change.version)
        self._arrived.clear()
        self._given.append(time.monotonic())
        return change


def merged(first: Change, second: Change) -> Change:
    """Both in one; past ``MOST_IDS`` ids it names none and says ``everything``."""
    containers = first.containers | second.containers
    images = first.images | second.images
    state_changed = first.state_changed or second.state_changed
    too_many = len(containers) + len(images) > MOST_IDS
    if first.everything or second.everything or too_many:
        return Change(second.version, state_changed=state_changed, everything=True)
    return Change(second.version, containers, images, state_changed)


class EventSubscription:
    """An endless iterator of the engine's events; a slow reader loses the oldest.

    ``dropped`` counts what was lost so far.
    """

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self.dropped = 0
        self._waiting: deque[EngineEvent] = deque(maxlen=most)
        self._arrived = asyncio.Event()

    def push(self, event: EngineEvent) -> None:
        self.dropped += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(event)
        self._arrived.set()

    def take(self) -> list[EngineEvent]:
        """What waits already, all at once."""
        taken = list(self._waiting)
        self._waiting.clear()
        self._arrived.clear()
        return taken

    def __aiter__(self) -> "EventSubscription":
        return self

    async def __anext__(self) -> EngineEvent:
        await self._arrived.wait()
        event = self._waiting.popleft()
        if not self._waiting:
            self._arrived.clear()
        return event
