"""Services that fail."""

import asyncio

import pytest

from dashboard import runtime


def test_a_service_that_fails_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "AGAIN_SECONDS", 0)
    tries: list[int] = []

    async def serve() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise LookupError("a defect")

    asyncio.run(runtime.kept("guard", serve))
    assert len(tries) == 3
