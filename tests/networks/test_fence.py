"""No network outside the fence, by page, API or the action's own door."""

import pytest

from access.errors import Fenced
from access.models import FencePolicy
from audit.models import Entry, Result
from engine.network_plan import NetworkPlan
from networks import actions
from tests.access.people import actor, dock, user
from tests.access.test_network_fence import OUTSIDE
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.networks.conftest import ALL, Net, Teams, browser


@pytest.mark.parametrize("name", ["bob", "root"])
def test_nothing_outside_the_fence_is_made_by_anybody(
    teams: Teams, mark: str, net: Net, docker_cli: DockerCli, name: str
) -> None:
    """By the action's own door, which form and API go through; superusers neither."""
    who = actor(user(name, is_superuser=name == "root"))
    for plan, field in OUTSIDE:
        wanted = NetworkPlan(
            f"{mark}-out",
            plan.driver,
            plan.internal,
            plan.ipv6,
            plan.subnets,
            plan.labels,
            plan.options,
        )
        with pytest.raises(Fenced) as refused:
            actions.create(who, "dock", wanted)
        assert field in dict(refused.value.breaches)
    asks = program(user(name))
    body = {"name": f"{mark}-out", "driver": "macvlan", "options": {"parent": "eth0"}}
    told = is_problem(asks.post("hosts/dock/networks", body), 403)
    assert [each["field"] for each in told["errors"]] == ["driver", "options"]
    for key in ("Attachable", "IPAM", "ConfigFrom", "Options"):
        is_problem(asks.post("hosts/dock/networks", {"name": f"{mark}-out", key: {}}), 422)
    form = {"name": f"{mark}-out", "subnets": "8.8.8.0/24", "driver": "macvlan"}
    assert browser(name).post(f"{ALL}create/", form).status_code == 422
    left = docker_cli("network", "ls", "--quiet", "--filter", f"name={mark}").stdout
    assert left == ""
    assert not Entry.objects.filter(event="network.create", result=Result.INTENT).exists()


def test_beyond_the_fence_asks_for_a_reason_and_who_one_is(
    teams: Teams, mark: str, net: Net, docker_cli: DockerCli
) -> None:
    root = browser("root", is_superuser=True)
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": True})
    form = {
        "name": f"{mark}-far",
        "subnets": "10.99.7.0/24",
        "options": "com.docker.network.bridge.enable_icc=false",
    }
    refused = root.post(f"{ALL}create/", form)
    assert refused.status_code == 422
    assert "say why this has to be beyond the fence" in refused.content.decode()
    asked = root.post(f"{ALL}create/", form | {"beyond_fence": "a lab of its own"})
    assert asked.status_code == 403
    assert docker_cli("network", "inspect", f"{mark}-far", check=False).returncode
    bob = browser("bob").post(f"{ALL}create/", form | {"beyond_fence": "a lab of its own"})
    assert bob.status_code == 422
