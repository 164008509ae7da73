"""The server with one service more: it keeps in DATA_DIR/held how many tasks and blocks it has.

A block is a live small object of Python's: resident memory also counts what was given back to
the allocator and not to the system.
"""

import asyncio
import gc
import os
import sys
from pathlib import Path


async def count() -> None:
    file = Path(os.environ["DATA_DIR"]) / "held"
    while True:
        gc.collect()
        file.write_text(f"{len(asyncio.all_tasks())} {sys.getallocatedblocks()}")
        await asyncio.sleep(5)


def main() -> None:
    from dashboard.server import __main__ as server

    server.runtime.SERVICES["count of tasks"] = count
    server.main()


if __name__ == "__main__":
    main()
