"""The fence around networks: an allow-list, and subnets only of what the engine gives out."""

import pytest

from access.network_fence import breaches
from engine.network_plan import NetworkPlan

CONFIGURED = {
    "DefaultAddressPools": [
        {"Base": "10.200.0.0/16", "Size": 24},
        {"Base": "fd42::/48", "Size": 64},
    ]
}
OUTSIDE = [
    (NetworkPlan("n", driver="macvlan"), "driver"),
    (NetworkPlan("n", driver="ipvlan"), "driver"),
    (NetworkPlan("n", driver="host"), "driver"),
    (NetworkPlan("n", driver="null"), "driver"),
    (NetworkPlan("n", driver="overlay"), "driver"),
    (NetworkPlan("n", driver="Bridge"), "driver"),
    (NetworkPlan("n", driver=""), "driver"),
    (NetworkPlan("n", options=(("parent", "eth0"),)), "options"),
    (NetworkPlan("n", options=(("com.docker.network.bridge.name", "eth0"),)), "options"),
    (NetworkPlan("n", options=(("com.docker.network.bridge.host_binding_ipv4", "0"),)), "options"),
    (NetworkPlan("n", labels=(("wharfinger.team", "bank"),)), "labels"),
    (NetworkPlan("n", labels=(("Wharfinger.team", "bank"),)), "labels"),
    (NetworkPlan("n", subnets=("0.0.0.0/0",)), "subnets"),
    (NetworkPlan("n", subnets=("8.8.8.0/24",)), "subnets"),
    (NetworkPlan("n", subnets=("169.254.169.0/24",)), "subnets"),
    (NetworkPlan("n", subnets=("10.0.0.0/24",)), "subnets"),
    (NetworkPlan("n", subnets=("172.31.0.0/24",)), "subnets"),
    (NetworkPlan("n", subnets=("192.168.1.0/24",)), "subnets"),
    (NetworkPlan("n", subnets=("127.0.0.0/8",)), "subnets"),
    (NetworkPlan("n", subnets=("172.20.0.0/14",)), "subnets"),
    (NetworkPlan("n", subnets=("172.28.1.0/24", "9.9.9.0/24")), "subnets"),
    (NetworkPlan("n", subnets=("fd00::/64",), ipv6=True), "subnets"),
    (NetworkPlan("n", subnets=("2001:db8::/64",), ipv6=True), "subnets"),
]


@pytest.mark.parametrize(("plan", "field"), OUTSIDE)
def test_what_reaches_the_host_is_outside(plan: NetworkPlan, field: str) -> None:
    assert [breach.field for breach in breaches(plan, {})] == [field]


def test_a_bridge_of_the_engines_own_making_is_inside() -> None:
    plan = NetworkPlan(
        "n", internal=True, ipv6=True, subnets=("172.28.5.0/24",), labels=(("tier", "back"),)
    )
    assert breaches(plan, {}) == []
    assert breaches(plan, {"DefaultAddressPools": None}) == []


def test_an_engine_that_was_told_its_pools_gives_out_no_others() -> None:
    inside = NetworkPlan("n", subnets=("10.200.7.0/24", "fd42:0:0:9::/64"), ipv6=True)
    assert breaches(inside, CONFIGURED) == []
    for subnet in ("172.28.5.0/24", "10.201.0.0/24", "fd43::/64", "fd42::/56"):
        plan = NetworkPlan("n", subnets=(subnet,), ipv6=True)
        assert [breach.field for breach in breaches(plan, CONFIGURED)] == ["subnets"], subnet
