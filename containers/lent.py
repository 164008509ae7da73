"""A helper container (``engine.helpers``) in the hands of somebody on the loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from engine.engine import Engine
from engine.helpers import Loan
from engine.threads import door


@asynccontextmanager
async def lent(engine: Engine, enter: Callable[[], Loan]) -> AsyncIterator[str]:
    """Its id, until the block ends. ``enter`` is called in a thread; who is cancelled meanwhile
    gives it back once it is there."""
    entering = asyncio.ensure_future(door.run(enter))
    try:
        loan = await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(lambda done: given_back(engine, done))
        raise
    try:
        yield loan.id
    finally:
        engine.helpers.leave(loan)


def given_back(engine: Engine, done: asyncio.Future[Loan]) -> None:
    if not done.cancelled() and done.exception() is None:
        engine.helpers.leave(done.result())
