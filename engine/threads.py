"""The one door between threads and the event loop.

Synchronous code reaches the loop through ``call`` and ``spawn``; code on the loop reaches
synchronous functions through ``run``. Every task has an owner here and dies at ``close``.
"""

import asyncio
import contextvars
import functools
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

THREADS = 28  # with those of dashboard.handler and the loop's own at most 40 wait here
log = logging.getLogger(__name__)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Its result, however often the task that waits for it is cancelled: for what must not stay
    half done."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    return task.result()


class Door:
    """Opened with the process's loop, closed with it; opening twice in a row is allowed."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._after: list[Callable[[], None]] = []
        self._take: Callable[[], Any] = lambda: None
        self._give: Callable[[Any], None] = lambda value: None

    @property
    def is_open(self) -> bool:
        return self._loop is not None

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Bind to ``loop``. Raises RuntimeError where another loop has the door."""
        if self._loop is loop:
            return
        if self._loop is not None:
            raise RuntimeError("The door is already open on another loop.")
        self._loop = loop
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="door")

    async def close(self) -> None:
        """Cancel every task, wait for them, and let the pool go. On the loop only."""
        current = asyncio.current_task()
        try:
            while tasks := [task for task in self._tasks if task is not current]:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                self._tasks.difference_update(tasks)
        finally:
            pool, self._pool, self._loop = self._pool, None, None
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)

    def after(self, hook: Callable[[], None]) -> None:
        """Call ``hook`` in the worker thread after each function that ``run`` ran there."""
        if hook not in self._after:
            self._after.append(hook)

    def carry(self, take: Callable[[], T], give: Callable[[T], None]) -> None:
        """Bring along what a thread has of its own, for ``spawn`` and ``run``: ``take`` is asked
        where work is begun, ``give`` is told in the thread where it runs, before it does."""
        self._take, self._give = take, give

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """From a thread: run ``coroutine`` on the loop and wait at most ``timeout`` seconds.

        Raises what the coroutine raises; TimeoutError after cancelling it; RuntimeError when
        called on the loop itself, where waiting would stop everything.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop_from_thread(coroutine))
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start a task that the door owns: from the loop or from any thread."""
        if self._loop is not None and _running_loop() is self._loop:
            return self._own(coroutine, name)

        loop, value = self._loop_from_thread(coroutine), self._take()

        async def start() -> asyncio.Task[T]:
            self._give(value)
            return self._own(coroutine, name)

        return asyncio.run_coroutine_threadsafe(start(), loop).result()

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """On the loop: run a synchronous function in our own pool and await its result."""
        if self._pool is None or self._loop is None:
            raise RuntimeError("The door is closed.")
        context = contextvars.copy_context()
        work = functools.partial(fn, *args, **kwargs)
        return await self._loop.run_in_executor(
            self._pool, context.run, self._run_and_tidy, work, self._take()
        )

    def _run_and_tidy(self, work: Callable[[], T], value: Any) -> T:
        self._give(value)
        try:
            return work()
        finally:
            for hook in self._after:
                hook()

    def _own(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Task %s failed", task.get_name(), exc_info=error)

    def _loop_from_thread(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.AbstractEventLoop:
        loop = self._loop
        problem = ""
        if loop is None:
            problem = "The door is closed."
        elif _running_loop() is not None:
            problem = "Waiting for the loop on a loop would stop it; await the coroutine."
        if problem or loop is None:
            coroutine.close()
            raise RuntimeError(problem)
        return loop


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


door = Door()
