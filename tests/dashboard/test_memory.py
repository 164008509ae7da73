"""What the C library holds free goes back to the system, again and again."""

import asyncio
import ctypes

import pytest

from dashboard import memory
from engine.threads import door
from tests.running_engine import until


async def test_free_memory_is_given_back_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed: list[int] = []

    class Library:
        @staticmethod
        def malloc_trim(pad: int) -> int:
            trimmed.append(pad)
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library)
    monkeypatch.setattr(memory, "TIDY_SECONDS", 0.01)
    door.open(asyncio.get_running_loop())
    try:
        door.spawn(memory.tidy(), "memory")
        await until(lambda: len(trimmed) > 2, 20)
    finally:
        await door.close()


async def test_another_c_library_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.few_heaps()
    await asyncio.wait_for(memory.tidy(), 20)
