"""What broken-off commits may leave is waited for, but not for more than so many."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from access.actors import Actor
from access.errors import Denied
from containers import commit_left
from engine.commit_spec import CommitSpec
from engine.engine import Engine
from engine.threads import Door
from images import naming


async def test_of_too_many_the_oldest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    door, waits = Door(), list[str]()
    door.open(asyncio.get_running_loop())

    async def never(engine: Engine, container_id: str, *more: Any) -> None:
        waits.append(container_id)
        try:
            await asyncio.Event().wait()
        finally:
            waits.remove(container_id)

    monkeypatch.setattr(commit_left, "door", door)
    monkeypatch.setattr(commit_left, "clear", never)
    engine, began = cast(Engine, None), datetime.now(UTC)
    commit_left.clear_later(engine, "without a clock", CommitSpec(), None)
    for number in range(commit_left.MOST + 5):
        commit_left.clear_later(engine, str(number), CommitSpec(), began)
        await asyncio.sleep(0)
    for _turn in range(5):
        await asyncio.sleep(0)
    assert waits == [str(number) for number in range(5, commit_left.MOST + 5)]
    await door.close()
    assert (waits, commit_left._waits) == ([], [])


def test_a_name_that_reads_as_an_id_is_refused_by_the_field_that_has_it() -> None:
    with pytest.raises(Denied, match=r"^reference: "):
        naming.check_free(cast(Actor, None), "dock", "deadbeefdead", "reference")
