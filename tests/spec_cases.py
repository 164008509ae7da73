"""Specs that a ``docker run`` line can say in full, for property tests."""

from typing import Any

from hypothesis import strategies as st

from engine.flags import BY_LETTER, FLAGS, JOINED
from engine.spec_values import MountFlag, MountKind
from engine.specs import (
    ContainerSpec,
    Device,
    DeviceLimit,
    DeviceRequest,
    MountSpec,
    NetworkSpec,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)

TEXT = st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=20)
WORD = st.text("ab.-_9", max_size=6).map(lambda text: f"w{text}0")
PATH = st.text("aZ/_. -9", max_size=8).map(lambda text: f"/{text}z")
ADDRESS = st.ip_addresses().map(str)
PAIRS = st.lists(st.tuples(WORD, TEXT), max_size=3).map(tuple)
SIZE = st.integers(0, 1 << 40)
SPAN = st.integers(0, 10**13)
PORT = st.integers(1, 65535)


def several(one: st.SearchStrategy[Any], size: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=size).map(tuple)


PORTS = st.builds(
    PublishedPort,
    PORT,
    st.sampled_from(("tcp", "udp", "sctp")),
    st.one_of(st.just(""), ADDRESS),
    st.one_of(st.just(""), PORT.map(str), st.just("8000-8010")),
)
MODES = several(st.sampled_from(("z", "nocopy", "rshared")).map(lambda word: (word, "")), 2)
VOLUMES = st.one_of(
    st.builds(MountSpec, st.just(MountKind.BIND), PATH, PATH, st.booleans(), MODES),
    st.builds(MountSpec, st.just(MountKind.VOLUME), PATH, WORD, st.booleans(), MODES),
    st.builds(MountSpec, st.just(MountKind.VOLUME), PATH),
)
MOUNTS = st.one_of(
    st.builds(
        MountSpec,
        st.just(MountKind.BIND),
        TEXT.filter(bool),
        TEXT,
        st.booleans(),
        st.sampled_from(((), (("bind-propagation", "rslave"),), (("bind-nonrecursive", "true"),))),
        st.just(MountFlag.MOUNT),
    ),
    st.builds(
        MountSpec,
        st.just(MountKind.VOLUME),
        PATH,
        WORD,
        st.booleans(),
        TEXT.map(lambda text: (("volume-opt", f"device={text}"), ("volume-nocopy", "true"))),
        st.just(MountFlag.MOUNT),
    ),
    st.builds(
        MountSpec,
        st.just(MountKind.TMPFS),
        PATH,
        options=st.sampled_from(((), (("tmpfs-size", "1048576"), ("tmpfs-mode", "1777")))),
        flag=st.just(MountFlag.MOUNT),
    ),
)
TMPFS = st.builds(
    MountSpec,
    st.just(MountKind.TMPFS),
    PATH,
    options=st.sampled_from(((), (("size=64m", ""), ("noexec", "")))),
    flag=st.just(MountFlag.TMPFS),
)
ALL_MOUNTS = st.tuples(several(VOLUMES), several(MOUNTS), several(TMPFS)).map(
    lambda parts: parts[0] + parts[1] + parts[2]
)
NETWORKS = several(
    st.builds(
        NetworkSpec,
        WORD,
        several(WORD),
        st.one_of(st.just(""), st.ip_addresses(v=4).map(str)),
        st.one_of(st.just(""), st.ip_addresses(v=6).map(str)),
        several(st.ip_addresses(v=4).map(str)),
        several(st.tuples(WORD, WORD)),
    )
)
RESTARTS = st.one_of(
    st.sampled_from(("no", "always", "unless-stopped", "on-failure")).map(RestartPolicy),
    st.integers(1, 9).map(lambda count: RestartPolicy("on-failure", count)),
)
LIMITS = several(st.builds(DeviceLimit, st.just("/dev/sda"), SIZE))
ULIMITS = several(st.builds(Ulimit, st.sampled_from(("nofile", "nproc")), SIZE, SIZE))
DEVICES = several(
    st.builds(Device, st.just("/dev/fuse"), PATH.filter(lambda p: ":" not in p), st.just("rw"))
)
REQUESTS = several(
    st.builds(
        DeviceRequest,
        st.sampled_from(("", "nvidia")),
        st.integers(-1, 4),
        several(WORD),
        st.sampled_from((("gpu",), ("compute", "utility", "gpu"))),
        several(st.tuples(WORD, WORD)),
    )
)
HEALTH = st.one_of(
    st.just(()), st.just(("NONE",)), TEXT.filter(bool).map(lambda line: ("CMD-SHELL", line))
)

specs = st.builds(
    ContainerSpec,
    image=WORD,
    command=several(TEXT, 4),
    name=st.one_of(st.just(""), WORD),
    detach=st.booleans(),
    stdin=st.booleans(),
    tty=st.booleans(),
    auto_remove=st.booleans(),
    pull=st.sampled_from(("missing", "always", "never")),
    platform=st.sampled_from(("", "linux/arm64")),
    entrypoint=st.one_of(st.none(), TEXT.map(lambda text: (text,))),
    env=PAIRS,
    user=st.one_of(st.just(""), WORD),
    workdir=st.one_of(st.just(""), PATH),
    hostname=st.one_of(st.just(""), WORD),
    labels=PAIRS,
    annotations=PAIRS,
    init=st.sampled_from((None, True, False)),
    stop_timeout=st.one_of(st.none(), st.integers(-1, 100)),
    restart=RESTARTS,
    ports=several(PORTS),
    publish_all=st.booleans(),
    expose=several(PORT.map(lambda port: f"{port}/udp")),
    networks=NETWORKS,
    links=several(WORD),
    extra_hosts=several(ADDRESS.map(lambda ip: f"db:{ip}")),
    dns=several(ADDRESS),
    mounts=ALL_MOUNTS,
    volumes_from=several(WORD),
    read_only=st.booleans(),
    shm_size=SIZE,
    storage_options=PAIRS,
    memory=SIZE,
    memory_swap=st.integers(-1, 1 << 40),
    memory_swappiness=st.one_of(st.none(), st.integers(0, 100)),
    nano_cpus=st.integers(0, 10**12),
    cpu_shares=st.integers(0, 4096),
    pids_limit=st.one_of(st.none(), st.integers(-1, 1000)),
    blkio_weight_devices=LIMITS,
    device_read_bps=LIMITS,
    ulimits=ULIMITS,
    oom_kill_disable=st.booleans(),
    oom_score_adj=st.integers(-1000, 1000),
    health_test=HEALTH,
    health_interval=SPAN,
    health_start_interval=SPAN,
    health_retries=st.integers(0, 9),
    log_driver=st.sampled_from(("", "json-file")),
    log_options=PAIRS,
    privileged=st.booleans(),
    cap_add=several(WORD),
    security_options=several(st.sampled_from(("no-new-privileges", "label=disable"))),
    sysctls=PAIRS,
    devices=DEVICES,
    device_requests=REQUESTS,
    device_cgroup_rules=several(st.just("c 42:* rmw")),
    pid_mode=st.sampled_from(("", "host")),
)

# Of a line that somebody pasted: flags with and without what they want, and anything at all.
WORDS = st.lists(
    st.one_of(
        st.sampled_from([f"--{flag.name}" for flag in (*FLAGS, *JOINED)]),
        st.sampled_from([f"-{letter}" for letter in BY_LETTER]),
        st.sampled_from(["-itd", "--", "-", "-p=80", "-aq", "--zzz", "-zi", "--rm=x", "1", "a:b"]),
        st.text(max_size=12),
    ),
    max_size=8,
)
