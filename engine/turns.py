"""Fair shares of the loop among many that wake at once."""

import asyncio
from collections import deque


class Turns:
    """One task goes on per turn of the loop, first come, first served.

    Two hundred readers of one log wake together, and all of them would work before the loop
    looks at another socket. So each goes on in a turn of its own, and the others' sockets, pings
    and keys come in between.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._runs = False

    async def take(self) -> None:
        """Wait for a turn. It lasts until the task waits for something else."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if not self._runs:
            self._runs = True
            loop.call_soon(self._next)
        await turn

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # it may have been cancelled
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._next)
                return
        self._runs = False
