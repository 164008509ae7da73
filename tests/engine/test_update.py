"""``docker update`` as a value: its body, its flags, what is wrong with it. Pure."""

import pytest

from engine.specs import ContainerSpec, RestartPolicy
from engine.update import FLAGS, Update, limits_of

MIB = 2**20


def now(**fields: object) -> ContainerSpec:
    return ContainerSpec("x", **fields)  # type: ignore[arg-type]


def test_what_is_not_said_is_not_sent() -> None:
    assert Update().to_body() == {}
    assert Update().options() == []
    changes = Update(
        memory=64 * MIB,
        memory_swap=-1,
        nano_cpus=15 * 10**8,
        cpu_shares=512,
        pids_limit=99,
        restart=RestartPolicy("on-failure", 3),
    )
    assert changes.to_body() == {
        "Memory": 64 * MIB,
        "MemorySwap": -1,
        "NanoCpus": 15 * 10**8,
        "CpuShares": 512,
        "PidsLimit": 99,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    }
    assert changes.options() == [
        "--memory=64m",
        "--memory-swap=-1",
        "--cpus=1.5",
        "--cpu-shares=512",
        "--pids-limit=99",
        "--restart=on-failure:3",
    ]
    assert set(changes.said()) == set(FLAGS)


@pytest.mark.parametrize(
    ("before", "changes", "swap"),
    [
        (now(memory=MIB, memory_swap=2 * MIB), Update(memory=8 * MIB), 16 * MIB),
        (now(), Update(memory=8 * MIB), 16 * MIB),
        (now(memory=MIB, memory_swap=MIB), Update(memory=8 * MIB), None),
        (now(memory=MIB, memory_swap=-1), Update(memory=8 * MIB), None),
        (now(), Update(memory=8 * MIB, memory_swap=9 * MIB), 9 * MIB),
        (now(), Update(nano_cpus=10**9), None),
    ],
)
def test_swap_goes_with_the_memory_where_it_did(
    before: ContainerSpec, changes: Update, swap: int | None
) -> None:
    assert changes.with_swap(before).memory_swap == swap


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (Update(memory=0), "memory"),
        (Update(memory=-1), "memory"),
        (Update(memory=MIB), "memory"),
        (Update(memory_swap=0), "memory_swap"),
        (Update(memory_swap=-2), "memory_swap"),
        (Update(memory_swap=10 * MIB), "memory_swap"),
        (Update(memory=64 * MIB), "memory_swap"),
        (Update(nano_cpus=0), "nano_cpus"),
        (Update(cpu_shares=1), "cpu_shares"),
        (Update(pids_limit=0), "pids_limit"),
        (Update(pids_limit=-1), "pids_limit"),
        (Update(restart=RestartPolicy("sometimes")), "restart"),
        (Update(restart=RestartPolicy("always", 3)), "restart"),
    ],
)
def test_what_the_engine_would_refuse_or_not_hear_names_its_field(
    changes: Update, field: str
) -> None:
    found = changes.problems(now(memory=20 * MIB, memory_swap=30 * MIB))
    assert next(problem.field for problem in found) == field


def test_what_it_has_now_is_read_from_an_inspect() -> None:
    host = {"Memory": MIB, "MemorySwap": 2 * MIB, "PidsLimit": 7, "Privileged": True, "CpuQuota": 5}
    policy = {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}
    expected = now(memory=MIB, memory_swap=2 * MIB, pids_limit=7, restart=RestartPolicy("always"))
    assert limits_of({"HostConfig": host | policy}) == expected
    assert limits_of({}) == now()
