"""Short, synchronous calls to one engine, each with a deadline."""

from engine.commands.calls import DEADLINE, Calls
from engine.commands.containers import ContainerCommands
from engine.commands.host import HostCommands
from engine.commands.images import ImageCommands
from engine.commands.networks import NetworkCommands
from engine.commands.prune import PruneCommands
from engine.commands.reach import Reach
from engine.commands.volumes import VolumeCommands
from engine.dial import Address

__all__ = ["DEADLINE", "Commands"]


class Commands(
    HostCommands,
    ContainerCommands,
    ImageCommands,
    NetworkCommands,
    VolumeCommands,
    PruneCommands,
):
    """Everything short that an engine can be asked; safe to use from any thread.

    Raises EngineErrors only. No request is made before the first call.
    """

    def __init__(self, address: str | Address, limit: int = 8) -> None:
        self.address = Address.parse(address) if isinstance(address, str) else address
        self._calls = Calls(self.address, limit)
        self._reach = Reach(self._calls)

    @property
    def api_version(self) -> str:
        """The API version spoken with this engine; negotiated, and again after it was down."""
        return self._calls.api_version

    def renegotiate(self) -> None:
        """Ask the engine's version again before the next call: it may be another engine now."""
        self._calls.renew()

    def close(self) -> None:
        """Drop idle connections; the next call opens new ones."""
        self._calls.renew()
