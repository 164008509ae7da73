"""Networks as values: what one is created with, and what the engine says of one. Pure."""

import pytest

from engine.network_plan import NetworkPlan
from engine.network_rows import members_of, network_from


def test_a_plan_is_a_body_and_a_line() -> None:
    plan = NetworkPlan(
        "web",
        internal=True,
        ipv6=True,
        subnets=("172.28.5.0/24", "fd00:1::/64"),
        labels=(("tier", "back"),),
        options=(("a", "b"),),
    )
    assert plan.problems() == []
    assert plan.to_body()["IPAM"] == {
        "Config": [{"Subnet": "172.28.5.0/24"}, {"Subnet": "fd00:1::/64"}]
    }
    assert plan.words() == [
        "--internal",
        "--ipv6",
        "--subnet=172.28.5.0/24",
        "--subnet=fd00:1::/64",
        "--label=tier=back",
        "--opt=a=b",
        "web",
    ]
    assert "IPAM" not in NetworkPlan("web").to_body()
    assert NetworkPlan("web", driver="macvlan").words() == ["--driver=macvlan", "web"]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (NetworkPlan(""), "name"),
        (NetworkPlan("a b"), "name"),
        (NetworkPlan("container:x"), "name"),
        (NetworkPlan("-x"), "name"),
        (NetworkPlan("x" * 201), "name"),
        (NetworkPlan("ab" * 32), "name"),  # another network's id, to the engine
        (NetworkPlan("bridge"), "name"),
        (NetworkPlan("Host"), "name"),
        (NetworkPlan("default"), "name"),
        (NetworkPlan("web", subnets=("10.0.0.0",)), "subnets"),
        (NetworkPlan("web", subnets=("10.0.0.1/24",)), "subnets"),
        (NetworkPlan("web", subnets=("ten/8",)), "subnets"),
        (NetworkPlan("web", subnets=("fd00::/64",)), "subnets"),
        (NetworkPlan("web", labels=(("", "x"),)), "labels"),
        (NetworkPlan("web", options=(("", "x"),)), "options"),
    ],
)
def test_what_is_wrong_names_its_field(plan: NetworkPlan, field: str) -> None:
    assert [problem.field for problem in plan.problems()] == [field]


def test_missing_and_null_fields_break_no_row() -> None:
    row = network_from({"Id": "ab", "IPAM": None, "Labels": None, "Options": None})
    assert (row.name, row.subnets, row.predefined) == ("", (), False)
    row = network_from({"Id": "ab", "Name": "host", "IPAM": {"Config": None}, "Containers": None})
    assert row.predefined
    assert members_of({"Containers": None}) == ()
    (one,) = members_of(
        {"Containers": {"c": {"IPv4Address": "10.1.0.2/24", "IPv6Address": ""}, "ep-x": {}}}
    )
    assert (one.container_id, one.address, one.address6) == ("c", "10.1.0.2", "")
