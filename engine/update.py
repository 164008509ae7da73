"""What ``docker update`` changes of a container while it stays. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.flags import BY_NAME
from engine.sentences import Sentence, gettext_noop
from engine.spec_inspect_host import limits_from_inspect
from engine.spec_problems import Problem
from engine.spec_values import RestartPolicy
from engine.specs import ContainerSpec

# Each field by its flag, in the order in which a line is written.
FLAGS: Mapping[str, str] = {
    "memory": "memory",
    "memory_swap": "memory-swap",
    "nano_cpus": "cpus",
    "cpu_shares": "cpu-shares",
    "pids_limit": "pids-limit",
    "restart": "restart",
}
_KEYS: Mapping[str, str] = {
    "memory": "Memory",
    "memory_swap": "MemorySwap",
    "nano_cpus": "NanoCpus",
    "cpu_shares": "CpuShares",
    "pids_limit": "PidsLimit",
}
_LEAST = {"memory": 1, "nano_cpus": 1, "cpu_shares": 2, "pids_limit": 1}
STAYS = gettext_noop("The engine takes no limit away from a container that stays: give a number.")


@dataclass(frozen=True, slots=True)
class Update:
    """New limits and a new restart policy; None leaves a value as it is.

    Sizes are bytes, ``memory_swap`` is memory and swap together (-1 = no limit), ``nano_cpus``
    billionths of a CPU.
    """

    memory: int | None = None
    memory_swap: int | None = None
    nano_cpus: int | None = None
    cpu_shares: int | None = None
    pids_limit: int | None = None
    restart: RestartPolicy | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Field → new value, of those that are to be changed."""
        named = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in named if value is not None}

    def on(self, now: ContainerSpec) -> ContainerSpec:
        return replace(now, **self.changes)

    def with_swap(self, now: ContainerSpec) -> "Update":
        """Swap goes with the memory as it did so far: twice the memory is what a run sets."""
        follows = now.memory_swap == 2 * now.memory  # also where there is no limit of either
        if not self.memory or self.memory_swap is not None or not follows:
            return self
        return replace(self, memory_swap=2 * self.memory)

    def problems(self, now: ContainerSpec) -> list[Problem]:
        """What the engine would refuse, or take for "as it is"; each names its field."""
        about = {*self.changes, *(["memory_swap"] if self.memory else [])}
        found = [problem for problem in self.on(now).problems() if problem.field in about]
        return [*self._least(), *found]

    def _least(self) -> Iterator[Problem]:
        for field, least in _LEAST.items():
            value = getattr(self, field)
            if value is not None and value < least:
                yield Problem(field, Sentence(STAYS))
        if self.memory_swap is not None and self.memory_swap < 1 and self.memory_swap != -1:
            yield Problem("memory_swap", Sentence(STAYS))

    def to_body(self) -> dict[str, Any]:
        """The body of ``POST /containers/{id}/update``."""
        changed = self.changes
        body = {_KEYS[field]: value for field, value in changed.items() if field in _KEYS}
        if self.restart is not None:
            body["RestartPolicy"] = {
                "Name": self.restart.name,
                "MaximumRetryCount": self.restart.max_retries,
            }
        return body

    def said(self) -> dict[str, str]:
        """Field → its value as a flag of ``docker update`` is written."""
        changed = self.changes
        return {
            field: BY_NAME[flag].format(changed[field])
            for field, flag in FLAGS.items()
            if field in changed
        }

    def options(self) -> list[str]:
        """The flags of the equal ``docker update`` line."""
        return [f"--{FLAGS[field]}={text}" for field, text in self.said().items()]


def limits_of(inspect: Mapping[str, Any]) -> ContainerSpec:
    """The limits and the restart policy that a container has now, and nothing else of it."""
    host = inspect.get("HostConfig") or {}
    policy = host.get("RestartPolicy") or {}
    found = {name: value for name, value in limits_from_inspect(host).items() if name in FLAGS}
    restart = RestartPolicy(policy.get("Name") or "no", policy.get("MaximumRetryCount") or 0)
    return ContainerSpec("x", **found, restart=restart)
