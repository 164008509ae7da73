"""The server with one service more: it keeps the number of its tasks in DATA_DIR/tasks."""

import asyncio
import os
from pathlib import Path


async def count() -> None:
    file = Path(os.environ["DATA_DIR"]) / "tasks"
    while True:
        file.write_text(str(len(asyncio.all_tasks())))
        await asyncio.sleep(0.5)


def main() -> None:
    from dashboard.server import __main__ as server

    server.runtime.SERVICES["count of tasks"] = count
    server.main()


if __name__ == "__main__":
    main()
