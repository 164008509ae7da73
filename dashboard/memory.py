"""Memory that a load has left: given back to the system, and kept from growing in many heaps.

The C library makes a heap for each thread that asks while another one has the lock, and keeps what
was freed in the middle of any of them. Python's own blocks do not grow meanwhile.
"""

import asyncio
import ctypes

from engine.threads import door

HEAPS = 2
TIDY_SECONDS = 60.0
_M_ARENA_MAX = -8  # malloc.h


def few_heaps() -> None:
    """Call it before there are threads. Without effect where the C library is another one."""
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_ARENA_MAX, HEAPS)


async def tidy() -> None:
    """Until cancelled: once a minute free pages go back to the system, a matter of milliseconds."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while trim is not None:
        await asyncio.sleep(TIDY_SECONDS)
        await door.run(trim, 0)
