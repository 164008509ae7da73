"""Many people behind one trusted proxy: its address has no bound of connections, others have."""

from types import SimpleNamespace

import pytest
from twisted.internet.address import IPv4Address

from dashboard.server import connections


def test_a_trusted_proxy_may_have_more_connections_than_one_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_PER_ADDRESS", 2)
    server = SimpleNamespace(is_proxy=lambda address: address == "10.0.0.1")
    factory = connections.Factory(server)
    for host, taken in (("10.0.0.1", 5), ("192.0.2.66", 2)):
        made = [factory.buildProtocol(IPv4Address("TCP", host, port)) for port in range(5)]
        assert sum(each is not None for each in made) == taken
