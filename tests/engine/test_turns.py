"""One task a turn of the loop, in order, whoever gives up."""

import asyncio
from itertools import pairwise

from engine.turns import Turns


async def test_each_goes_on_in_a_turn_of_its_own_and_in_order() -> None:
    turns, went = Turns(), list[object]()

    async def reader(number: int) -> None:
        await turns.take()
        went.append(number)
        asyncio.get_running_loop().call_soon(went.append, "others")

    await asyncio.gather(*(reader(number) for number in range(4)))
    assert [one for one in went if one != "others"] == [0, 1, 2, 3]
    for before, after in pairwise(went):
        assert "others" in (before, after), f"two readers went on in one turn: {went}"


async def test_who_gives_up_holds_nobody_up() -> None:
    turns = Turns()
    first, second, third = (asyncio.ensure_future(turns.take()) for _ in range(3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait_for(asyncio.gather(first, third), 20)
    await asyncio.wait_for(turns.take(), 20)
