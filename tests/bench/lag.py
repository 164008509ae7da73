"""``python -m tests.bench.lag URL COOKIE``: p50 and p99 of websocket pings until stdin says stop.

In a process of its own: a client that is busy with 200 viewers would measure itself.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from tests.bench.figures import percentile
from tests.bench.http import Person
from tests.bench.websocket import Socket
from tests.site import Site

EVERY = 0.02


async def pinged(person: Person) -> list[float]:
    socket = await Socket.open(person, "/ws/live/")
    socket.say(sub=[])
    stop = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
    reading = asyncio.ensure_future(socket.receive())
    samples = []
    while not stop.done():
        began = time.perf_counter()
        socket.ping()
        await asyncio.wait_for(socket.ponged(), 60)
        samples.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(EVERY)
    reading.cancel()
    await socket.close()
    return samples


def main(url: str, cookie: str) -> None:
    site = Site(url, Path(), None)  # type: ignore[arg-type]
    person = Person(site, cookies=dict(part.split("=", 1) for part in cookie.split("; ")))
    samples = asyncio.run(pinged(person))
    print(json.dumps({"p50": percentile(samples, 0.5), "p99": percentile(samples, 0.99)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
