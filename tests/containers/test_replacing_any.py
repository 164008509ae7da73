"""Whatever a container is made of: made anew by the action, it is what it was but for the change.

What it has to be is told by the engine, of another one that is made as the change says.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, note, settings
from hypothesis import strategies as st

from access import beyond
from access.actors import Actor
from containers import actions, swap
from containers.originals import original
from containers.run_fence import fenced
from engine.commands import Commands
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.specs import FIELDS, ContainerSpec
from hosts.live import engine_of
from tests.access.people import login, switch, user
from tests.containers.replacing_cast import ended, target_of
from tests.free_fields import MODES, Cast
from tests.free_specs import at_one, changes, free_specs
from tests.free_specs import free_cast as free_cast
from tests.runtime import Loop
from tests.runtime import runtime as runtime
from tests.spec_lines import made_up_volumes, told

WHY = "it is a test"
# What a container can be made of that runs, beside others, on any machine.
RUNNING = {
    *("env", "workdir", "hostname", "domainname", "labels", "init", "stop_signal", "restart"),
    *("publish_all", "expose", "networks", "links", "extra_hosts", "dns", "mounts", "read_only"),
    *("volumes_from", "shm_size", "memory", "cpu_shares", "pids_limit", "ulimits", "log_driver"),
    *("oom_score_adj", "log_options", "cap_add", "cap_drop", "security_options", "group_add"),
    *("pid_mode", "ipc_mode", "uts_mode", "tty", "stdin", "name", "image"),
    *("command", "entrypoint", "user", "annotations", "ports", "mac_address", "dns_search"),
    *("dns_options", "sysctls", "device_cgroup_rules", "cgroupns_mode", "userns_mode", "runtime"),
    *("memory_swap", "memory_reservation", "nano_cpus", "cpu_period", "cpu_quota", "cpuset_cpus"),
    *("cpuset_mems", "volume_driver", "health_test", "health_timeout", "health_retries"),
    "health_start_period",
}
SHELL = ("/bin/sh", "-c")
SECOND = 10**9
SPREAD = {"rslave", "rshared"}  # not from every file system
# Shrinking to the least example and telling why it fails would ask the engine for minutes.
FREELY = settings(
    suppress_health_check=list(HealthCheck), deadline=None, phases=(Phase.explicit, Phase.generate)
)


@dataclass
class Example:
    """Containers of one example: made, looked at, gone after it."""

    commands: Commands
    made: list[str]

    def create(self, spec: ContainerSpec, start: bool) -> str:
        """Its id. Raises what the engine says."""
        id = self.commands.create(spec)
        self.made.append(id)
        for network in spec.networks[1:]:
            self.commands.connect(id, network)
        if start:
            self.commands.start(id)
        return id

    def clear(self) -> None:
        for id in self.made:
            with suppress(NotFound):
                self.commands.remove(id, True, True)


def running(spec: ContainerSpec) -> ContainerSpec:
    """What of it runs for a while."""
    plain = ContainerSpec(spec.image)
    kept = {name: getattr(spec, name) for name in RUNNING}
    if spec.log_driver == "syslog":
        kept["log_driver"] = ""
    kept["mounts"] = tuple(m for m in spec.mounts if not SPREAD & {w for o in m.options for w in o})
    # Three of them are there at once: one address is for one alone, and so is a port.
    kept["networks"] = tuple(replace(network, ip="") for network in spec.networks)
    anywhere = [port for port in spec.ports if not port.host_port and ":" not in port.host_ip]
    kept["ports"] = tuple(anywhere)
    own = spec.network not in MODES
    kept["sysctls"] = tuple(pair for pair in spec.sysctls if own and pair[0].startswith("net."))
    kept |= process(spec) | health(spec) | {"stop_timeout": 0}
    return at_one(replace(plain, **kept))


def process(spec: ContainerSpec) -> dict[str, Any]:
    """By a shell or without one."""
    user = "" if spec.user == "app" else spec.user
    if spec.entrypoint == SHELL:
        return {"entrypoint": SHELL, "command": ("sleep 600",), "user": user}
    command = ("600",) if spec.command in ((), ("600",)) else ("601",)
    return {"entrypoint": ("sleep",), "command": command, "user": user}


def health(spec: ContainerSpec) -> dict[str, Any]:
    """What is asked for is waited for: it is well within a second."""
    if spec.health_test in ((), ("NONE",)):
        return {"health_test": ("NONE",)}
    return {"health_test": ("CMD", "true"), "health_interval": SECOND}


def kept_and_changed(cast: Cast, root: Actor, data: st.DataObject, runs: bool) -> None:
    """One example."""
    spec = data.draw(free_specs(cast), "spec")
    spec = running(spec) if runs else spec
    several = changes(cast, spec, RUNNING, most=4)
    change = data.draw(several if runs else changes(cast, spec), "change")
    wanted = at_one(replace(spec, **change))
    wanted = running(wanted) if runs else wanted
    example = Example(engine_of("dock").commands, [])
    try:
        made_anew(example, root, replace(spec, name=f"any-{secrets.token_hex(4)}"), wanted, runs)
    finally:
        example.clear()


def made_anew(
    example: Example, root: Actor, spec: ContainerSpec, wanted: ContainerSpec, runs: bool
) -> None:
    commands = example.commands
    try:
        id = example.create(spec, runs)
    except (Refused, Conflict, NotFound, EngineError) as error:
        event("the engine refuses it")
        note(error.message)
        assume(False)
    before = commands.inspect_container(id)
    target = target_of(id)
    beyond.passes.give(root, "dock", id, WHY)
    changed = different(wanted, spec)
    read = original(target)
    assert read.unread == ()
    assert bool(read.spec.problems()) <= bool(spec.problems()), read.spec.problems()
    asked = replace(read.spec, **changed)
    job = ended(actions.edit(root, target, asked, WHY))
    forced = different(fenced(root, "dock", asked, None, WHY)[0], asked)
    try:
        model = commands.inspect_container(example.create(replace(wanted, **forced, name=""), runs))
    except EngineError as error:
        event("the engine refuses the change")
        note(error.message)
        assert job.state == "failed", "the engine refuses this"
        after = commands.inspect_container(id)
        assert told(after) == told(before)
        assert (after["Name"], after["State"]["Running"]) == (before["Name"], runs)
        return
    assert job.state == "done", job.error
    example.made.append(job.result["object_id"])
    after = commands.inspect_container(job.result["object_id"])
    event(f"made anew with {sorted(changed)}")
    assert (after["Name"], after["State"]["Running"]) == (before["Name"], runs)
    assert told(after) == told(model)
    held, had = made_up_volumes(after), made_up_volumes(before)
    assert {path: had[path] for path in held.keys() & had.keys()}.items() <= held.items()


def different(one: ContainerSpec, other: ContainerSpec) -> dict[str, Any]:
    """Fields in which the one differs from the other, but for the name."""
    fields = {name: getattr(one, name) for name in FIELDS if name != "name"}
    return {name: value for name, value in fields.items() if value != getattr(other, name)}


@pytest.fixture
def far(runtime: Loop, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A superuser who may go beyond the fence, and has just proved who they are."""
    monkeypatch.setattr(swap, "ALIVE_SECONDS", 0.3)
    user("root", is_superuser=True)
    switch(True)
    return login("root")[1]


@settings(FREELY, max_examples=4)
@given(st.data())
def test_of_any_that_was_made(free_cast: Cast, far: Actor, data: st.DataObject) -> None:
    kept_and_changed(free_cast, far, data, runs=False)


@settings(FREELY, max_examples=2)
@given(st.data())
def test_of_any_that_runs(free_cast: Cast, far: Actor, data: st.DataObject) -> None:
    kept_and_changed(free_cast, far, data, runs=True)


@pytest.mark.parametrize("runs", [False, True], ids=["made", "runs"])
@settings(FREELY, max_examples=300)
@given(st.data())
@pytest.mark.long
def test_of_hundreds(free_cast: Cast, far: Actor, runs: bool, data: st.DataObject) -> None:
    kept_and_changed(free_cast, login("root")[1], data, runs)
