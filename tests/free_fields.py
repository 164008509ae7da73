"""The values that each field of a ``ContainerSpec`` may have, in words that a real engine takes."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from engine.spec_values import MountFlag, MountKind
from engine.specs import (
    FIELDS,
    Device,
    DeviceLimit,
    DeviceRequest,
    MountSpec,
    NetworkSpec,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)

Strategy = st.SearchStrategy[Any]
# A name is kept; the image is chosen once; ``pull`` and ``detach`` are no engine's business; a
# size of its file system no engine on this disk gives.
NOT_FREE = {"name", "image", "pull", "detach", "storage_options"}
MODES = ("host", "none")
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
WORD = st.text("ab.-_9", max_size=6).map(lambda text: f"w{text}0")
PATH = st.sampled_from(("/data", "/of-image", "/x/y", "/x y", "/ü", "/trailing/"))
SPAN = st.integers(10**9, 10**11)
MIB = st.integers(8, 512).map(lambda count: count << 20)
DISK = "/dev/loop0"
PORT = st.integers(20_000, 60_000)


@dataclass(frozen=True)
class Cast:
    """What specs speak of: images, networks by name and by id, a container, a volume."""

    images: tuple[str, ...]
    nets: tuple[str, str]
    net_ids: tuple[str, str]
    subnet: str  # of the first; its last number is missing
    other: str
    volume: str


def several(one: Strategy, size: int = 3) -> Strategy:
    return st.lists(one, min_size=1, max_size=size, unique=True).map(tuple)


def pairs(names: Strategy, texts: Strategy = TEXT) -> Strategy:
    return st.dictionaries(names, texts, min_size=1, max_size=3).map(lambda all: (*all.items(),))


def words(*choice: str) -> Strategy:
    return several(st.sampled_from(choice))


@cache
def free_fields(cast: Cast) -> dict[str, Strategy]:
    """A field's values, other than that of a spec that says nothing of it."""
    fields = process() | surroundings(cast) | storage(cast) | limits() | walls(cast)
    assert set(fields) == set(FIELDS) - NOT_FREE
    return fields


def process() -> dict[str, Strategy]:
    names = st.one_of(st.sampled_from(("FROM_IMAGE", "SHARED", "PATH")), WORD)
    labels = st.one_of(st.sampled_from(("own", "shared")), WORD)
    return {
        "command": st.one_of(st.just(("sleep 3600",)), several(TEXT, 4), st.just(("",))),
        "entrypoint": st.sampled_from((("/bin/sh", "-c"), ("/bin/echo",), ("",), ("sh", "", "x"))),
        "stdin": st.just(True),
        "tty": st.just(True),
        "auto_remove": st.just(True),
        "platform": st.just("linux/amd64"),
        "env": pairs(names),
        "user": st.sampled_from(("1000", "app", "0:27", "1000:1000")),
        "workdir": st.sampled_from(("/tmp", "/new/one", "/a/../b/")),
        "hostname": WORD,
        "domainname": st.just("example.org"),
        "labels": pairs(labels),
        "annotations": pairs(WORD),
        "init": st.booleans(),
        "stop_signal": st.sampled_from(("SIGINT", "SIGKILL", "15")),
        "stop_timeout": st.sampled_from((-1, 0, 7)),
        "restart": st.sampled_from(
            [RestartPolicy(name) for name in ("always", "unless-stopped", "on-failure")]
            + [RestartPolicy("on-failure", 3)]
        ),
        "health_test": st.sampled_from((("NONE",), ("CMD", "true"), ("CMD-SHELL", "a || b"))),
        "health_interval": SPAN,
        "health_timeout": SPAN,
        "health_start_period": SPAN,
        "health_start_interval": SPAN,
        "health_retries": st.integers(1, 9),
    }


def surroundings(cast: Cast) -> dict[str, Strategy]:
    port = st.builds(
        PublishedPort,
        st.sampled_from((80, 53, 8080)),
        st.sampled_from(("tcp", "udp")),
        st.sampled_from(("", "127.0.0.1", "::1")),
        st.one_of(st.just(""), PORT.map(str), PORT.map(lambda at: f"{at}-{at + 9}")),
    )
    return {
        "ports": several(port),
        "publish_all": st.just(True),
        "expose": words("80/tcp", "81/tcp", "7000/udp", "7001/sctp"),
        "networks": networks(cast),
        "mac_address": st.just("02:42:ac:11:00:99"),
        "links": words(f"{cast.other}:peer", f"{cast.other}:also"),
        "extra_hosts": words("db:10.0.0.5", "db:10.0.0.6", "six:fd00::1", "up:host-gateway"),
        "dns": words("10.0.0.53", "fd00::53"),
        "dns_search": words("example.org", "."),
        "dns_options": words("ndots:1", "rotate"),
        "log_driver": st.sampled_from(("json-file", "local", "none", "syslog")),
        "log_options": pairs(st.sampled_from(("max-size", "max-file")), st.just("3")),
    }


def networks(cast: Cast) -> Strategy:
    """A mode alone; or networks, of which the first may be named by its id."""
    modes = st.sampled_from((*MODES, "default", "bridge", f"container:{cast.other}"))
    aliases = st.one_of(st.just(()), several(WORD, 2))
    own = st.builds(
        NetworkSpec,
        st.sampled_from((cast.nets[0], cast.net_ids[0])),
        aliases,
        st.one_of(st.just(""), st.integers(9, 250).map(lambda last: f"{cast.subnet}.{last}")),
        driver_options=st.sampled_from(((), (("x.y", "1"),))),
    )
    second = st.builds(NetworkSpec, st.just(cast.nets[1]), aliases)
    return st.one_of(
        modes.map(lambda mode: (NetworkSpec(mode),)),
        own.map(lambda one: (one,)),
        st.tuples(own, second),
        second.map(lambda one: (NetworkSpec("bridge"), one)),
        st.sampled_from(cast.net_ids).map(lambda id: (NetworkSpec(id),)),
    )


def storage(cast: Cast) -> dict[str, Strategy]:
    return {
        "mounts": st.lists(mount(cast), min_size=1, max_size=4, unique_by=lambda m: m.target).map(
            tuple
        ),
        "volumes_from": st.sampled_from(((cast.other,), (f"{cast.other}:ro",))),
        "volume_driver": st.just("local"),
        "read_only": st.just(True),
        "shm_size": st.sampled_from((32 << 20, 64 << 20, 128 << 20)),
    }


def mount(cast: Cast) -> Strategy:
    short = st.sampled_from(((), (("z", ""),), (("nocopy", ""),), (("nocopy", ""), ("z", ""))))
    spread = st.sampled_from(((), (("rslave", ""),), (("Z", ""), ("rshared", ""))))
    kinds, flags = MountKind, MountFlag
    tmpfs = st.sampled_from(((), (("tmpfs-size", "1048576"), ("tmpfs-mode", "1770"))))
    volume = st.sampled_from(
        ((), (("volume-nocopy", "true"),), (("volume-label", "a=b"), ("volume-driver", "local")))
    )
    bind = st.sampled_from(((), (("bind-propagation", "rslave"),), (("consistency", "cached"),)))
    named = st.just(cast.volume)
    return st.one_of(
        st.builds(MountSpec, st.just(kinds.BIND), PATH, st.just("/usr"), st.booleans(), spread),
        st.builds(MountSpec, st.just(kinds.VOLUME), PATH, named, st.booleans(), short),
        st.builds(MountSpec, st.just(kinds.VOLUME), PATH),
        st.builds(
            MountSpec, st.just(kinds.BIND), PATH, st.just("/usr"), st.booleans(), bind,
            st.just(flags.MOUNT),
        ),
        st.builds(
            MountSpec, st.just(kinds.VOLUME), PATH, st.one_of(st.just(""), named), st.booleans(),
            volume, st.just(flags.MOUNT),
        ),
        st.builds(
            MountSpec, st.just(kinds.TMPFS), PATH, options=tmpfs, flag=st.just(flags.MOUNT)
        ),
        st.builds(
            MountSpec, st.just(kinds.TMPFS), PATH,
            options=st.sampled_from(((), (("size=64k", ""), ("noexec", "")))),
            flag=st.just(flags.TMPFS),
        ),
    )  # fmt: skip


def limits() -> dict[str, Strategy]:
    rates = several(st.builds(DeviceLimit, st.just(DISK), st.integers(1 << 20, 1 << 30)), 1)
    return {
        "memory": MIB,
        "memory_swap": st.one_of(st.just(-1), MIB),
        "memory_reservation": MIB,
        "memory_swappiness": st.integers(0, 100),
        "nano_cpus": st.integers(10**8, 10**9),
        "cpu_shares": st.integers(2, 4096),
        "cpu_period": st.integers(1000, 10**6),
        "cpu_quota": st.integers(1000, 10**6),
        "cpu_rt_period": st.integers(2000, 10**6),
        "cpu_rt_runtime": st.integers(1, 1000),
        "cpuset_cpus": st.just("0"),
        "cpuset_mems": st.just("0"),
        "pids_limit": st.sampled_from((-1, 0, 100)),
        "blkio_weight": st.integers(10, 1000),
        "blkio_weight_devices": several(
            st.builds(DeviceLimit, st.just(DISK), st.integers(10, 1000)), 1
        ),
        "device_read_bps": rates,
        "device_write_bps": rates,
        "device_read_iops": rates,
        "device_write_iops": rates,
        "ulimits": st.lists(
            st.builds(
                lambda name, soft, more: Ulimit(name, soft, soft + more),
                st.sampled_from(("nofile", "nproc", "core")), st.integers(0, 4096),
                st.integers(0, 9),
            ),
            min_size=1, max_size=2, unique_by=lambda one: one.name,
        ).map(tuple),
        "oom_kill_disable": st.just(True),
        "oom_score_adj": st.integers(-1000, 1000).filter(bool),
    }  # fmt: skip


def walls(cast: Cast) -> dict[str, Strategy]:
    """What stands between a container and its host, and what takes it down."""
    joined = f"container:{cast.other}"
    return {
        "privileged": st.just(True),
        "cap_add": words("NET_ADMIN", "cap_sys_time", "all"),
        "cap_drop": words("ALL", "chown", "CAP_KILL"),
        "security_options": words(
            "no-new-privileges", "seccomp=unconfined", "label=disable", "systempaths=unconfined"
        ),
        "group_add": words("27", "audio"),
        "sysctls": pairs(st.sampled_from(("net.ipv4.ip_forward", "kernel.msgmax")), st.just("1")),
        "devices": several(
            st.sampled_from(
                (Device("/dev/zero"), Device("/dev/null", "/dev/n", "rw"), Device("a/b=c"))
            )
        ),
        "device_requests": several(
            st.builds(
                DeviceRequest,
                st.sampled_from(("", "nvidia")),
                st.sampled_from((-1, 0, 2)),
                st.just(()),
                st.sampled_from((("gpu",), ("compute", "gpu"))),
                st.sampled_from(((), (("a", "b"),))),
            ),
            1,
        ),
        "device_cgroup_rules": words("c 42:* rmw", "a *:* r"),
        "pid_mode": st.sampled_from(("host", joined)),
        "ipc_mode": st.sampled_from(("none", "private", "shareable", "host", joined)),
        "uts_mode": st.just("host"),
        "userns_mode": st.just("host"),
        "cgroupns_mode": st.sampled_from(("host", "private")),
        "cgroup_parent": st.just("/free-parent"),
        "runtime": st.sampled_from(("runc", "io.containerd.runc.v2")),
    }  # fmt: skip
