"""What is just inside and just outside each bound: of the fence, of quotas, of what lasts."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from access import beyond, dangers, fence, network_fence, second_step, sessions
from access.actors import Actor
from access.policy import Limits, Policy
from access.quotas import counted, larger
from access.targets import ContainerTarget, Target
from engine.command_line import from_line
from engine.errors import EngineDown
from engine.network_plan import NetworkPlan
from engine.specs import ContainerSpec
from tests.access.gate_cast import box
from tests.containers.rows import row

GIB = 2**30
SECOND = 10**9


def outside(words: str) -> list[str]:
    spec = from_line(f"docker run {words} busybox").spec
    return [breach.field for breach in fence.breaches(spec, fence.Means())]


@pytest.mark.parametrize(
    ("inside", "beyond_it", "field"),
    [
        ("--tmpfs /t:size=1g", "--tmpfs /t:size=1025m", "mounts"),
        ("--tmpfs /t:size=1024k,", "--tmpfs /t:size=0b", "mounts"),
        ("--tmpfs /t:size=1048576k", "--tmpfs /t:size=1048577k", "mounts"),
        ("--tmpfs /t:size=64m,mode=1777", "--tmpfs /t:size=64m,mode=17777777", "mounts"),
        ("--shm-size 1g", "--shm-size 1025m", "shm_size"),
        ("--pids-limit 4096", "--pids-limit 4097", "pids_limit"),
        ("--pids-limit 1", "--pids-limit -1", "pids_limit"),
        ("--cpu-shares 1024", "--cpu-shares 1025", "cpu_shares"),
        ("--stop-timeout 3600", "--stop-timeout 3601", "stop_timeout"),
        ("--health-cmd x --health-interval 1s", "--health-interval 999ms", "health_interval"),
        ("--ulimit nofile=1048576", "--ulimit nofile=1048577", "ulimits"),
        ("--ulimit nproc=4096", "--ulimit nproc=4097", "ulimits"),
        ("--ulimit core=0", "--ulimit core=1", "ulimits"),
        ("--log-opt max-size=100m", "--log-opt max-size=101m", "log_options"),
        ("--log-opt max-file=10", "--log-opt max-file=11", "log_options"),
        ("--log-opt max-buffer-size=16m", "--log-opt max-buffer-size=17m", "log_options"),
        ("--log-opt max-size=1k", "--log-opt max-size=0", "log_options"),
        ("--memory 1g --memory-swap 2g", "--memory 1g --memory-swap 2049m", "memory_swap"),
        ("-p 1024:80", "-p 1023:80", "ports"),
        ("-p 65535:80", "-p 1023-1024:80-81", "ports"),
        ("-p 1024-1123:80-179", "-p 1024-1124:80-180", "ports"),
        ("--add-host a=10.0.0.1", "--add-host a=host-gateway", "extra_hosts"),
        ("--add-host a:[::1]", "--add-host a:host-gateway", "extra_hosts"),
    ],
)
def test_the_last_inside_and_the_first_outside(inside: str, beyond_it: str, field: str) -> None:
    assert outside(inside) == []
    assert set(outside(beyond_it)) == {field}


def test_a_host_is_added_by_its_address_in_either_spelling() -> None:
    for line, inside in (("a=10.0.0.1", True), ("a=word", False), ("a:[::1]", True), ("a", False)):
        spec = ContainerSpec("busybox", extra_hosts=(line,))
        assert (fence.breaches(spec, fence.Means()) == []) is inside, line


def test_what_is_forced_leaves_a_log_of_another_kind_alone() -> None:
    plain = fence.forced(ContainerSpec("busybox"))
    assert (plain.log_driver, plain.pids_limit) == ("json-file", 4096)
    assert dict(plain.log_options) == {"max-size": "10m", "max-file": "3"}
    local = fence.forced(ContainerSpec("busybox", log_driver="local", pids_limit=7))
    assert (local.log_driver, local.log_options, local.pids_limit) == ("local", (), 7)
    own = (("max-size", "1m"),)
    asked = fence.forced(ContainerSpec("busybox", log_driver="json-file", log_options=own))
    assert dict(asked.log_options) == {"max-size": "1m", "max-file": "3"}
    assert plain.security_options == local.security_options == ("no-new-privileges",)


@pytest.mark.parametrize(
    ("base", "subnet", "inside"),
    [
        ("10.200.0.0/14", "10.200.0.0/16", True),
        ("10.200.0.0/14", "10.200.0.0/15", False),
        ("10.200.7.9/16", "10.200.1.0/24", True),  # an engine takes a base with bits of a host
        ("fd42::/48", "fd42::/64", True),
        ("fd42::/48", "fd42::/63", False),
        ("10.200.0.0/16", "fd42::/64", False),
        ("fd42::/48", "10.200.0.0/24", False),
    ],
)
def test_a_subnet_is_of_its_pool_and_not_too_large(base: str, subnet: str, inside: bool) -> None:
    plan = NetworkPlan("n", subnets=(subnet,), ipv6=True)
    info = {"DefaultAddressPools": [{"Base": base}]}
    assert [each.field for each in network_fence.breaches(plan, info)] == (
        [] if inside else ["subnets"]
    )


def test_a_pool_that_is_told_without_a_base_is_an_error_and_not_every_address() -> None:
    with pytest.raises(ValueError, match="''"):
        list(network_fence.pools({"DefaultAddressPools": [{"Size": 24}]}))


def test_each_of_several_usual_pools_is_given_out() -> None:
    for first in ("172.17", "172.18", "172.19", "172.20", "172.23", "172.27", "172.29", "172.30"):
        assert network_fence.breaches(NetworkPlan("n", subnets=(f"{first}.0.0/16",)), {}) == []
    for other in ("172.16.0.0/16", "172.31.0.0/16", "172.32.0.0/16"):
        assert network_fence.breaches(NetworkPlan("n", subnets=(other,)), {})


def test_no_ports_at_all_are_told_as_none() -> None:
    assert Policy(ports=()).shown_ports == "none"
    assert Policy(ports=((80, 80), (8000, 8999))).shown_ports == "80, 8000-8999"


def test_one_in_anothers_place_counts_as_the_larger_of_both() -> None:
    limits = Limits(memory=4 * GIB, nano_cpus=4 * SECOND)
    old = row(memory_limit=2 * GIB, cpu_limit=0.5)
    new = counted(row(memory_limit=GIB, cpu_limit=1.5), limits)
    both = larger(new, old, limits)
    assert (both.containers, both.memory, both.nano_cpus) == (1, 2 * GIB, 15 * SECOND // 10)


def test_how_long_things_last() -> None:
    """By heart: a figure that changes is changed here, too."""
    assert (beyond.PASS_SECONDS, second_step.LASTS) == (3600, 300)


def waits_since(seconds: float, monkeypatch: pytest.MonkeyPatch) -> bool:
    kept = {"user": 0, "at": 1000.0, "password": "", "backend": ""}
    request: Any = SimpleNamespace(session={second_step.KEY: kept})
    asked = []
    monkeypatch.setattr(second_step.time, "time", lambda: 1000.0 + seconds)
    nobody = SimpleNamespace(first=lambda: asked.append(1))
    monkeypatch.setattr(second_step.User.objects, "filter", lambda **given: nobody)
    assert second_step.waiting(request) is None
    return bool(asked)


@pytest.mark.parametrize(("seconds", "good"), [(-1, False), (0, True), (299, True), (300, False)])
def test_the_second_step_waits_for_five_minutes_and_not_before_it_began(
    seconds: float, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waits_since(seconds, monkeypatch) is good


def test_only_what_was_not_looked_into_is_asked_of_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, float]] = []
    down: list[str] = []

    def container(id: str, seconds: float) -> Any:
        asked.append((id, seconds))
        if down:
            raise EngineDown("gone")
        return row(id=id, dangers=("privileged",))

    mirror = SimpleNamespace(snapshot=SimpleNamespace(containers={}))
    engine = SimpleNamespace(mirror=mirror, commands=SimpleNamespace(container=container))
    monkeypatch.setattr(dangers, "engine_of", lambda slug: engine)

    def looked(target: ContainerTarget) -> tuple[str, ...] | None:
        found = dangers.looked_at(target)
        assert found is not None
        return found.dangers

    assert (looked(box(dangers=())), asked) == ((), [])
    assert looked(box(id="b" * 64, dangers=None)) == ("privileged",)
    assert asked == [("b" * 64, 2)]
    down.append("yes")
    assert looked(box(dangers=None)) is None
    assert dangers.looked_at(Target("container", "c" * 64, "", "dock")) is None


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", "Firefox 128 on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Edg/121.0", "Edge 121 on Windows"),
        ("curl/8.0 (X11; Linux)", "Linux"),
        ("Chrome/120.0", "Chrome 120"),
        ("x" * 50, "x" * 40),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_named_by_what_it_says(agent: str, name: str) -> None:
    assert sessions.browser_name(agent) == name


def test_a_pass_is_of_one_login() -> None:
    passes = beyond.Passes()
    ann = Actor(1, "ann", session="s")
    passes.give(ann, "dock", "c", "why")
    assert passes.reason(ann, "dock", "c") == "why"
    for other in (
        replace(ann, session="t"),
        replace(ann, user_id=2),
        replace(ann, session=""),
    ):
        assert passes.reason(other, "dock", "c") == ""
    passes.end("other")
    assert passes.reason(ann, "dock", "c") == "why"
    passes.end("dock")
    assert passes.reason(ann, "dock", "c") == ""
