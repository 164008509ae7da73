"""Calls about volumes."""

from typing import TYPE_CHECKING, Any

from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.volume_rows import VolumeRow, volume_from

if TYPE_CHECKING:
    from engine.volume_plan import VolumePlan

REMOVE_DEADLINE = 60.0


class VolumeCommands:
    _calls: Calls

    def volumes(self) -> list[dict[str, Any]]:
        """``/volumes`` as answered."""
        return self._calls.make(lambda client: client.volumes().get("Volumes") or [])

    def volume_rows(self) -> list[VolumeRow]:
        return [volume_from(item) for item in self.volumes()]

    def inspect_volume(self, name: str, deadline: float = DEADLINE) -> dict[str, Any]:
        return self._calls.make(lambda client: client.get_json("/volumes/{0}", name), deadline)

    def create_volume(self, plan: "VolumePlan") -> VolumeRow:
        """The volume of this name: one that was there already is answered as if it were new."""

        def use(client: Client) -> VolumeRow:
            return volume_from(client.post_json("/volumes/create", plan.to_body()))

        return self._calls.make(use)

    def remove_volume(self, name: str) -> None:
        """Raises Conflict where containers have it, stopped ones too. A large one takes long."""
        self._calls.make(lambda client: client.remove_volume(name), REMOVE_DEADLINE, long=True)
