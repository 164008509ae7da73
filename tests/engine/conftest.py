"""The door between threads and the loop, for tests of what goes through it without an Engine."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.threads import door


@pytest.fixture
async def open_door() -> AsyncIterator[None]:
    door.open(asyncio.get_running_loop())
    yield
    await door.close()
