"""The fence: sixty ways to the host's root, each refused by its field; and what is inside."""

from dataclasses import fields
from typing import Any

import pytest

from access.fence import FREE, RULES, Means, breaches, forced
from engine.command_line import from_line
from engine.spec_values import MountKind, MountSpec
from engine.specs import ContainerSpec

MEANS = Means(
    networks=frozenset({"shop"}),
    volumes=frozenset({"shop-data"}),
    taken=frozenset({"shop-data", "bank-data"}),
)
# What is typed after "docker run", and the field that refuses it.
PAYLOADS = [
    ("--privileged", "privileged"),
    ("--privileged=true", "privileged"),
    ("--cap-add SYS_ADMIN", "cap_add"),
    ("--cap-add=ALL", "cap_add"),
    ("--cap-add cap_sys_ptrace", "cap_add"),
    ("--cap-add all", "cap_add"),
    ("--cap-add NET_ADMIN --cap-drop ALL", "cap_add"),
    ("--device /dev/sda", "devices"),
    ("--device /dev/mem:/dev/null:rwm", "devices"),
    ("--device=/dev/kmsg", "devices"),
    ("--device vendor.com/gpu=all", "devices"),
    ("--gpus all", "device_requests"),
    ("--device-cgroup-rule 'a *:* rwm'", "device_cgroup_rules"),
    ("-v /:/host", "mounts"),
    ("-v /:/host:ro", "mounts"),
    ("-v /etc:/etc", "mounts"),
    ("-v /etc/../:/x", "mounts"),
    ("-v //:/x", "mounts"),
    ("-v /root/.ssh:/x", "mounts"),
    ("-v /proc:/x", "mounts"),
    ("-v /sys:/x", "mounts"),
    ("-v /dev:/x", "mounts"),
    ("-v /var/run/docker.sock:/var/run/docker.sock", "mounts"),
    ("-v /run/docker.sock:/s", "mounts"),
    ("-v /var/run/../run/docker.sock:/s", "mounts"),
    ("-v /proc/1/root/run/docker.sock:/s", "mounts"),
    ("-v /var/run:/x", "mounts"),
    ("-v /var/lib/docker:/x", "mounts"),
    ("-v /home:/x:rshared", "mounts"),
    ("-v bank-data:/x", "mounts"),
    ("-v bank-data:/x:ro", "mounts"),
    ("--mount type=bind,source=/,target=/x", "mounts"),
    ("--mount type=bind,src=/etc,dst=/x,readonly", "mounts"),
    ("--mount type=bind,src=/,dst=/x,bind-propagation=shared", "mounts"),
    ("--mount type=volume,src=new,dst=/x,volume-driver=sshfs", "mounts"),
    (
        "--mount type=volume,src=nn,dst=/x,volume-opt=type=none,volume-opt=o=bind"
        ",volume-opt=device=/",
        "mounts",
    ),
    ("--mount type=volume,src=bank-data,dst=/x", "mounts"),
    ("--mount type=tmpfs,dst=/x", "mounts"),
    ("--tmpfs /x", "mounts"),
    ("--tmpfs /x:size=100g", "mounts"),
    ("--volumes-from bank-db", "volumes_from"),
    ("--volumes-from bank-db:ro", "volumes_from"),
    ("--volume-driver local-persist -v new:/x", "volume_driver"),
    ("--network host", "networks"),
    ("--net=host", "networks"),
    ("--network container:bank-db", "networks"),
    ("--network bank", "networks"),
    ("--network shop --network host", "networks"),
    ("--pid host", "pid_mode"),
    ("--pid container:bank-db", "pid_mode"),
    ("--ipc host", "ipc_mode"),
    ("--ipc container:bank-db", "ipc_mode"),
    ("--ipc shareable", "ipc_mode"),
    ("--uts host", "uts_mode"),
    ("--userns host", "userns_mode"),
    ("--cgroupns host", "cgroupns_mode"),
    ("--cgroup-parent /", "cgroup_parent"),
    ("--security-opt seccomp=unconfined", "security_options"),
    ("--security-opt apparmor=unconfined", "security_options"),
    ("--security-opt label=disable", "security_options"),
    ("--security-opt systempaths=unconfined", "security_options"),
    ("--security-opt no-new-privileges=false", "security_options"),
    ("--sysctl kernel.core_pattern=x", "sysctls"),
    ("--runtime runc", "runtime"),
    ("--oom-kill-disable", "oom_kill_disable"),
    ("--oom-score-adj -1000", "oom_score_adj"),
    ("--add-host host.docker.internal:host-gateway", "extra_hosts"),
    ("--group-add 0", "group_add"),
    ("--group-add docker", "group_add"),
    ("--log-driver syslog", "log_driver"),
    ("--log-opt syslog-address=tcp://x", "log_options"),
    ("--storage-opt size=1T", "storage_options"),
    ("--link bank-db:db", "links"),
    ("--mac-address 02:00:00:00:00:01", "mac_address"),
    ("-p 80:80", "ports"),
    ("-p 127.0.0.1:22:22", "ports"),
    ("-p 1000-2000:80", "ports"),
    ("-P", "publish_all"),
    ("--label wharfinger.team=bank", "labels"),
    ("--label WHARFINGER.owner=x", "labels"),
    ("--annotation run.oci.keep_original_groups=1", "annotations"),
    ("--blkio-weight 1000", "blkio_weight"),
    ("--device-read-bps /dev/sda:1mb", "device_read_bps"),
    ("--cpu-rt-runtime 950000", "cpu_rt_runtime"),
    ("--cpuset-cpus 0", "cpuset_cpus"),
    ("--ulimit nofile=99999999", "ulimits"),
    ("--ulimit memlock=-1", "ulimits"),
    ("--shm-size 64g", "shm_size"),
    ("--pids-limit -1", "pids_limit"),
    ("--memory 1g --memory-swap -1", "memory_swap"),
]
INSIDE = (
    "docker run -d --name web -p 8080:80 -p 127.0.0.1:9000:9000/udp -e A=b --env C=d -l tier=front"
    " -v shop-data:/data -v fresh:/more:ro -v /anonymous --tmpfs /tmp:size=64m,noexec"
    " --mount type=tmpfs,dst=/t,tmpfs-size=64m --network shop --restart unless-stopped"
    " --read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --cpus 1.5"
    " --pids-limit 100 --ulimit nofile=1024 --log-driver json-file --log-opt max-size=10m"
    " --health-cmd true --user 1000 --workdir / --init --hostname web --add-host db:10.0.0.1"
    " --stop-signal TERM --stop-timeout 5 --dns 1.1.1.1 --expose 99 busybox sleep 60"
)


@pytest.mark.parametrize(("words", "field"), PAYLOADS, ids=lambda value: str(value)[:40])
def test_what_leads_to_the_host_is_refused_by_its_field(words: str, field: str) -> None:
    spec = from_line(f"docker run {words} busybox").spec
    assert getattr(spec, field) != getattr(ContainerSpec(""), field), "the payload says nothing"
    assert field in {breach.field for breach in breaches(spec, MEANS)}


def test_a_path_that_the_operator_allowed_is_inside_as_it_is() -> None:
    means = Means(paths={"/srv/a": False, "/srv/b": True})
    for words, fine in (
        ("-v /srv/a:/x:ro", True),
        ("-v /srv/a:/x", False),
        ("-v /srv/b:/x", True),
        ("--mount type=bind,src=/srv/b,dst=/x", True),
        ("-v /srv/b/below:/x:ro", False),
        ("-v /srv/b/../../etc:/x:ro", False),
        ("-v /srv/b/:/x:ro", False),
        ("-v /srv/b:/x:rshared", False),
        ("--mount type=bind,src=/srv/b,dst=/x,bind-propagation=shared", False),
    ):
        found = breaches(from_line(f"docker run {words} busybox").spec, means)
        assert (found == []) == fine, (words, found)


def test_a_tmpfs_that_names_a_path_of_the_host_is_none() -> None:
    """No form makes such a spec; as ``-v`` it would be written as a bind mount."""
    odd = MountSpec(MountKind.TMPFS, "/x", "/etc", options=(("size=1m", ""),))
    found = breaches(ContainerSpec("busybox", mounts=(odd,)), MEANS)
    assert [breach.field for breach in found] == ["mounts"]


def test_there_are_sixty_at_least() -> None:
    assert len(PAYLOADS) >= 60


def test_daily_use_is_inside() -> None:
    parsed = from_line(INSIDE)
    assert parsed.unknown == ()
    assert breaches(parsed.spec, MEANS) == []


def test_a_field_that_nobody_thought_about_is_outside() -> None:
    known = {field.name for field in fields(ContainerSpec)}
    assert FREE | RULES.keys() <= known
    changed: dict[str, Any] = {name: "x" for name in known - FREE - RULES.keys() if name != "image"}
    spec = ContainerSpec("busybox", **changed)
    assert {breach.field for breach in breaches(spec, MEANS)} == set(changed)


def test_the_policy_is_forced() -> None:
    spec = forced(from_line("docker run busybox").spec)
    host = spec.to_body()["HostConfig"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["PidsLimit"] == 4096
    assert host["LogConfig"]["Config"]["max-size"] == "10m"
    kept = forced(from_line("docker run --pids-limit 9 --log-opt max-size=1m busybox").spec)
    assert kept.pids_limit == 9
    assert dict(kept.log_options)["max-size"] == "1m"
