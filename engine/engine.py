"""One host's engine: short calls, streams, logs, and the mirror of what it holds."""

from engine.commands import Commands
from engine.feed import LogFeeds
from engine.mirror import Mirror
from engine.streams import Streams
from engine.threads import Door


class Engine:
    """``run`` keeps the mirror true until it is cancelled; the runtime owns it."""

    def __init__(self, name: str, address: str, door: Door) -> None:
        self.name, self.address = name, address
        self.public_name = ""
        self.commands = Commands(address)
        self.streams = Streams(address)
        self.mirror = Mirror(self.commands, self.streams, door)
        self.logs = LogFeeds(self.commands, self.streams, self.mirror, door)

    async def run(self) -> None:
        await self.mirror.run()

    async def close(self) -> None:
        """Stop the logs and drop idle connections; ``run`` is cancelled by its owner."""
        await self.logs.hub.close()
        self.commands.close()
