"""Calls about networks."""

from typing import TYPE_CHECKING, Any

from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.network_rows import network_from
from engine.spec_body import network_endpoint
from engine.types import NetworkRow

if TYPE_CHECKING:
    from engine.network_plan import NetworkPlan
    from engine.specs import NetworkSpec


class NetworkCommands:
    _calls: Calls

    def networks(self) -> list[dict[str, Any]]:
        """``/networks`` as answered."""
        return self._calls.make(lambda client: client.networks())

    def network_rows(self) -> list[NetworkRow]:
        return [network_from(item) for item in self.networks()]

    def inspect_network(self, ref: str, deadline: float = DEADLINE) -> dict[str, Any]:
        """One network; ``ref`` is its id, its name, or the start of its id."""
        return self._calls.make(lambda client: client.get_json("/networks/{0}", ref), deadline)

    def create_network(self, plan: "NetworkPlan") -> str:
        """The new network's full id. Raises Conflict where the name is taken."""

        def use(client: Client) -> str:
            return str(client.post_json("/networks/create", plan.to_body())["Id"])

        return self._calls.make(use)

    def remove_network(self, id: str) -> None:
        """Raises Refused where containers are in it, or it is the engine's own."""
        self._calls.make(lambda client: client.remove_network(id))

    def connect(self, id: str, network: "NetworkSpec") -> None:
        """Join a container to a network (``name`` may be an id); the first one is joined by
        ``create``."""

        def use(client: Client) -> None:
            body = {"Container": id, "EndpointConfig": network_endpoint(network)}
            client.send_json("/networks/{0}/connect", body, network.name)

        self._calls.make(use)

    def disconnect(self, id: str, network: str) -> None:
        """Take a container out of a network; it goes on running."""

        def use(client: Client) -> None:
            body = {"Container": id, "Force": False}
            client.send_json("/networks/{0}/disconnect", body, network)

        self._calls.make(use)
