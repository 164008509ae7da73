"""One sample of what a container uses, in the figures that ``docker stats`` shows. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.answers import Json, parse_time


@dataclass(frozen=True, slots=True)
class Sample:
    """``cpu`` in percent of one core, None before there are two readings; sizes and sums in bytes,
    sums since its start. ``memory`` is without the cache of files; ``memory_limit`` is the host's
    memory where the container has none.
    """

    at: datetime
    cpu: float | None
    memory: int
    memory_limit: int
    received: int
    sent: int
    read: int
    written: int
    pids: int


def sample_of(answer: Json) -> Sample | None:
    """The engine's answer as a sample; None where the container does not run."""
    at = parse_time(answer.get("read"))
    memory = _part(answer, "memory_stats")
    if at is None or not (memory.get("usage") or _part(answer, "pids_stats").get("current")):
        return None
    networks = [network or {} for network in _part(answer, "networks").values()]
    return Sample(
        at=at,
        cpu=cpu_between(
            cpu_time(_part(answer, "precpu_stats")), cpu_time(_part(answer, "cpu_stats"))
        ),
        memory=_memory(memory),
        memory_limit=_number(memory, "limit"),
        received=sum(_number(network, "rx_bytes") for network in networks),
        sent=sum(_number(network, "tx_bytes") for network in networks),
        read=_blocks(answer, "r"),
        written=_blocks(answer, "w"),
        pids=_number(_part(answer, "pids_stats"), "current"),
    )


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Nanoseconds since the start: what the container used, what all cores had; their number."""

    used: int
    system: int
    cores: int


def cpu_time(cpu: Json) -> CpuTime:
    """Of ``cpu_stats`` or ``precpu_stats``; ``system`` is 0 where there is no reading."""
    usage = _part(cpu, "cpu_usage")
    cores = _number(cpu, "online_cpus") or len(usage.get("percpu_usage") or ())
    return CpuTime(_number(usage, "total_usage"), _number(cpu, "system_cpu_usage"), cores)


def cpu_between(before: CpuTime, now: CpuTime) -> float | None:
    """Its share of the time that all cores had between the two readings, times their number: in
    percent of one core. None where one of them is missing."""
    if not before.system or not now.system:
        return None
    used, passed = now.used - before.used, now.system - before.system
    return used / passed * now.cores * 100 if used > 0 and passed > 0 else 0.0


def _memory(memory: Json) -> int:
    """Without pages of files that nothing has used of late; cgroup v1 and v2 name them apart."""
    usage, of = _number(memory, "usage"), _part(memory, "stats")
    cache = _number(of, "total_inactive_file" if "total_inactive_file" in of else "inactive_file")
    return usage - cache if cache < usage else usage


def _blocks(answer: Json, first: str) -> int:
    counted = _part(answer, "blkio_stats").get("io_service_bytes_recursive") or ()
    return sum(
        _number(each, "value") for each in counted if str(each.get("op"))[:1].lower() == first
    )


def _part(of: Json, name: str) -> dict[str, Any]:
    return dict(of.get(name) or {})


def _number(of: Json, name: str) -> int:
    return int(of.get(name) or 0)
