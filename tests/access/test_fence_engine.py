"""Whatever the fence lets through, the engine makes nothing of it that an own list does not allow.

The list below is written from what the engine answers, and knows nothing of the fence's rules.
"""

import ipaddress
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.fence import Means, breaches, forced
from engine.commands import Commands
from engine.errors import EngineError
from engine.spec_values import MountFlag, MountKind, MountSpec, NetworkSpec, PublishedPort, Ulimit
from engine.specs import ContainerSpec, Device, RestartPolicy
from tests.conftest import DockerCli

MARK = f"fence-engine={secrets.token_hex(6)}"
OWN, FOREIGN, ODD = (f"fence-engine-{word}" for word in ("own", "foreign", "odd"))
MEANS = Means(volumes=frozenset({OWN}), taken=frozenset({OWN, FOREIGN, ODD}))


def mostly(good: st.SearchStrategy[Any], bad: list[Any]) -> st.SearchStrategy[Any]:
    """One in sixteen is of those that lead somewhere."""
    return st.integers(0, 15).flatmap(lambda roll: st.sampled_from(bad) if roll == 9 else good)


def some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=2).map(tuple)


def volume(source: str, *options: tuple[str, str], flag: str = "volume") -> MountSpec:
    target = f"/m/{abs(hash((source, options))) % 997}"
    return MountSpec(MountKind.VOLUME, target, source, options=options, flag=MountFlag(flag))


MOUNTS = mostly(
    st.sampled_from(
        [
            volume(OWN),
            volume(""),
            MountSpec(MountKind.TMPFS, "/t", options=(("size=1m", ""),), flag=MountFlag.TMPFS),
        ]
    ),
    [
        volume(FOREIGN),
        volume(ODD),
        volume("", ("volume-opt", "device=/etc"), flag="mount"),
        MountSpec(MountKind.BIND, "/h", "/etc"),
        MountSpec(MountKind.BIND, "/h", "/run/../etc", flag=MountFlag.MOUNT),
        MountSpec(MountKind.TMPFS, "/h", "/etc", options=(("size=1m", ""),)),
        MountSpec(MountKind.TMPFS, "/t", flag=MountFlag.TMPFS),
    ],
)
PORTS = mostly(
    st.builds(
        PublishedPort,
        st.integers(1, 65535),
        st.sampled_from(("tcp", "udp")),
        st.sampled_from(("", "127.0.0.1", "::1")),
        st.sampled_from(("", "18080", "20000-20010")),
    ),
    [
        PublishedPort(80, "tcp", "", port)
        for port in ("80", "-22", "1000-2000", "0", "\u0668\u0660")
    ],
)
specs = st.builds(
    ContainerSpec,
    image=st.just("image"),
    command=st.just(("sleep", "9")),
    env=some(st.tuples(st.sampled_from(("A", "B")), st.text("ab=/", max_size=4))),
    labels=st.just((tuple(MARK.split("=")),)),
    user=st.sampled_from(("", "0", "1000:1000")),
    init=st.sampled_from((None, True)),
    read_only=st.booleans(),
    restart=st.sampled_from((RestartPolicy(), RestartPolicy("always"))),
    ports=some(PORTS),
    mounts=some(MOUNTS),
    networks=mostly(
        st.sampled_from(((), (NetworkSpec("none"),), (NetworkSpec("bridge"),))),
        [(NetworkSpec("host"),), (NetworkSpec("container:x"),)],
    ),
    extra_hosts=mostly(st.sampled_from(((), ("a:10.0.0.1",))), [("a:host-gateway",)]),
    memory=st.sampled_from((0, 2**26)),
    pids_limit=mostly(st.sampled_from((None, 64)), [-1, 0, 10**6]),
    ulimits=mostly(st.just(()), [(Ulimit("memlock", 1, 2),), (Ulimit("nofile", 9, 10**9),)]),
    shm_size=mostly(st.sampled_from((0, 2**20)), [2**40]),
    log_driver=mostly(st.sampled_from(("", "json-file", "local")), ["none", "syslog"]),
    log_options=mostly(st.sampled_from(((), (("max-file", "2"),))), [(("env", "A"),)]),
    privileged=mostly(st.just(False), [True]),
    cap_add=mostly(st.just(()), [("SYS_ADMIN",), ("ALL",)]),
    cap_drop=st.sampled_from(((), ("ALL",))),
    security_options=mostly(
        st.sampled_from(((), ("no-new-privileges",))),
        [("seccomp=unconfined",), ("no-new-privileges=false",)],
    ),
    group_add=mostly(st.just(()), [("0",)]),
    sysctls=mostly(st.just(()), [(("net.ipv4.ip_forward", "1"),)]),
    devices=mostly(st.just(()), [(Device("/dev/null", "/dev/x", "rwm"),)]),
    pid_mode=mostly(st.sampled_from(("", "private")), ["host"]),
    ipc_mode=mostly(st.sampled_from(("", "private", "none")), ["host", "shareable"]),
    uts_mode=mostly(st.just(""), ["host"]),
    userns_mode=mostly(st.just(""), ["host"]),
    cgroupns_mode=mostly(st.sampled_from(("", "private")), ["host"]),
    cgroup_parent=mostly(st.just(""), ["/x"]),
    oom_score_adj=mostly(st.just(0), [-500]),
    volumes_from=mostly(st.just(()), [("x",)]),
    publish_all=mostly(st.just(False), [True]),
)
Check = Callable[[Any], bool]
EMPTY: Check = lambda value: not value  # noqa: E731
ANY: Check = lambda value: True  # noqa: E731


def ports_fine(value: Any) -> bool:
    said = [each["HostPort"] for bound in (value or {}).values() for each in bound]
    ends = [end for text in said if text for end in text.split("-")]
    return all(end.isascii() and 1024 <= int(end) <= 65535 for end in ends)


def binds_fine(value: Any) -> bool:
    return all(line.partition(":")[0] == OWN for line in value or ())


def mounts_fine(value: Any) -> bool:
    return all(
        each["Type"] in ("volume", "tmpfs")
        and each.get("Source", "") in ("", OWN)
        and not (each.get("VolumeOptions") or {}).get("DriverConfig")
        for each in value or ()
    )


def hosts_fine(value: Any) -> bool:
    return all(ipaddress.ip_address(line.partition(":")[2]) for line in value or ())


def ulimits_fine(value: Any) -> bool:
    return all(each["Name"] in ("nofile", "nproc", "core") for each in value or ())


def tmpfs_fine(value: Any) -> bool:
    return all("size=" in options for options in (value or {}).values())


ALLOWED: dict[str, Check] = {
    "Binds": binds_fine,
    "Mounts": mounts_fine,
    "Tmpfs": tmpfs_fine,
    "PortBindings": ports_fine,
    "ExtraHosts": hosts_fine,
    "Ulimits": ulimits_fine,
    "NetworkMode": lambda value: value in ("default", "bridge", "none"),
    "PidMode": lambda value: value in ("", "private"),
    "IpcMode": lambda value: value in ("private", "none"),
    "LogConfig": lambda value: (
        value["Type"] in ("json-file", "local") and set(value["Config"]) <= {"max-size", "max-file"}
    ),
    "SecurityOpt": lambda value: value == ["no-new-privileges"],
    "PidsLimit": lambda value: 0 < value <= 4096,
    "ShmSize": lambda value: value <= 2**30,
    "Runtime": lambda value: value == "runc",
    **dict.fromkeys(("RestartPolicy", "ConsoleSize", "Memory", "MemorySwap", "Init"), ANY),
    **dict.fromkeys(("CapDrop", "ReadonlyRootfs", "MaskedPaths", "ReadonlyPaths"), ANY),
}
KEPT = ("/proc/kcore", "/sys/firmware")  # of what the engine hides from a container by itself


def strays(host: dict[str, Any], usual: str) -> dict[str, Any]:
    """What the list does not allow; a key that it does not know has to be empty. ``usual`` is
    what cgroup namespace the engine gives by itself: none before cgroup v2."""
    found = {key: value for key, value in host.items() if not ALLOWED.get(key, EMPTY)(value)}
    if host["CgroupnsMode"] in ("private", usual):
        found.pop("CgroupnsMode", None)
    hidden = set(KEPT) <= set(host["MaskedPaths"] or ()) and "/proc/sys" in host["ReadonlyPaths"]
    return found if hidden else found | {"MaskedPaths": host["MaskedPaths"]}


@pytest.fixture
def engine(engine_url: str, docker_cli: DockerCli) -> Iterator[Commands]:
    for name in (OWN, FOREIGN):
        docker_cli("volume", "create", name)
    odd = ("--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc")
    docker_cli("volume", "create", ODD, *odd)
    yield Commands(engine_url)
    left = docker_cli("ps", "-aq", "--filter", f"label={MARK}").stdout.split()
    if left:
        docker_cli("rm", "-f", "-v", *left, check=False)
    docker_cli("volume", "rm", "-f", OWN, FOREIGN, ODD, check=False)


def usual_namespace(engine: Commands, image: str) -> str:
    id = engine.create(ContainerSpec(image, labels=(tuple(MARK.split("=")),)))  # type: ignore[arg-type]
    mode = str(engine.inspect_container(id)["HostConfig"]["CgroupnsMode"])
    engine.remove(id, force=True, volumes=True)
    return mode


def let_through(engine: Commands, image: str, examples: int) -> int:
    """How many specs the fence let through, and the engine made."""
    made, usual = 0, usual_namespace(engine, image)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(specs)
    def one(spec: ContainerSpec) -> None:
        nonlocal made
        if breaches(spec, MEANS):
            return
        try:
            id = engine.create(forced(replace(spec, image=image)))
        except EngineError:
            return  # two mounts at one place, and the like
        made += 1
        host = engine.inspect_container(id)["HostConfig"]
        engine.remove(id, force=True, volumes=True)
        assert strays(host, usual) == {}, json.dumps(host)

    one()
    return made


def test_what_the_fence_lets_through_reaches_no_host(engine: Commands, busybox: str) -> None:
    assert let_through(engine, busybox, 40) >= 2


@pytest.mark.long
def test_thousands_of_specs_reach_no_host(engine: Commands, busybox: str) -> None:
    assert let_through(engine, busybox, 4000) >= 100


def test_the_list_finds_what_the_fence_would_have_refused(engine: Commands, busybox: str) -> None:
    """It can fail: a container of each kind, made past the fence, is found by it."""
    plain = ContainerSpec(busybox, labels=(tuple(MARK.split("=")),), command=("sleep", "9"))  # type: ignore[arg-type]
    for change, key in (
        ({"privileged": True}, "Privileged"),
        ({"cap_add": ("SYS_ADMIN",)}, "CapAdd"),
        ({"mounts": (MountSpec(MountKind.BIND, "/h", "/etc"),)}, "Binds"),
        ({"mounts": (volume(ODD),)}, "Binds"),
        ({"pid_mode": "host"}, "PidMode"),
        ({"networks": (NetworkSpec("host"),)}, "NetworkMode"),
        ({"ports": (PublishedPort(80, "tcp", "", "80"),)}, "PortBindings"),
        ({"sysctls": (("net.ipv4.ip_forward", "1"),)}, "Sysctls"),
        ({"group_add": ("0",)}, "GroupAdd"),
        ({"devices": (Device("/dev/null", "/dev/x", "rwm"),)}, "Devices"),
        ({"oom_score_adj": -500}, "OomScoreAdj"),
    ):
        spec = replace(forced(plain), **change)
        assert breaches(spec, MEANS), key
        id = engine.create(spec)
        host = engine.inspect_container(id)["HostConfig"]
        engine.remove(id, force=True, volumes=True)
        assert key in strays(host, "private")
