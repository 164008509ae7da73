"""Containers by their ``docker run`` lines, one for each option, and what of two is compared."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from containers.originals import MADE_UP
from tests.conftest import LABEL, DockerCli

MINE = f"--label {LABEL}"

# Each is one container; image and command follow. {net} is a network, {other} a container.
LINES = (
    "",
    "-it --name spec-name-{key} --hostname box --domainname example.org",
    "-i --rm --init --stop-signal SIGINT --stop-timeout 3",
    "--restart on-failure:4 --pull never",
    "--restart unless-stopped -w /tmp -u 1000:1000 -e A=1 -e 'B=two words' -e EMPTY= -e A=2",
    "-p 0:80 -p 127.0.0.1:18080:8080 -p 127.0.0.1::53/udp -p 19000-19002:9000 -P",
    "--expose 7000-7001 --expose 7002/udp",
    "-p 18100-18101:80-81 -p '[::1]:18102:82'",
    "-v /tmp:/host -v /tmp:/read:ro -v spec-vol-{key}:/data:nocopy -v /anonymous",
    "--mount type=bind,source=/usr,target=/b,readonly,bind-propagation=rslave",
    "--mount type=volume,source=spec-vol-{key},target=/v,volume-label=wharfinger-test=1",
    "--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770",
    "--tmpfs /run --tmpfs /x:size=64k,noexec",
    "--volumes-from {other}:ro --read-only --shm-size 32m",
    "--network none",
    "--network host",
    "--network {net} --network-alias one --network-alias two --ip 10.214.7.9",
    "--network container:{other}",
    "--add-host db:10.0.0.5 --dns 10.0.0.53 --dns-search example.org --dns-option ndots:1",
    "--link {other}:peer",
    "-m 64m --memory-swap 128m --memory-reservation 32m --memory-swappiness 10 --oom-score-adj 200",
    "-m 64m --memory-swap -1 --oom-kill-disable",
    "--cpus 0.5 --cpuset-cpus 0 --cpuset-mems 0 -c 512 --pids-limit 100",
    "--cpu-period 50000 --cpu-quota 25000 --pids-limit -1",
    "--ulimit nofile=1024:2048 --ulimit nproc=64",
    "--health-cmd 'test -f /tmp/ok || exit 1' --health-interval 1m30s --health-timeout 5s"
    " --health-retries 2 --health-start-period 10s",
    "--no-healthcheck",
    "--log-driver json-file --log-opt max-size=1m --log-opt max-file=2",
    "--privileged --pid host --ipc host --uts host --cgroupns private",
    "--cap-add NET_ADMIN --cap-drop ALL --security-opt no-new-privileges --group-add 27",
    "--security-opt seccomp=unconfined --security-opt systempaths=unconfined --userns host",
    "--sysctl net.ipv4.ip_forward=1 --device /dev/null:/dev/zero2:rw --device /dev/zero",
    "--device-cgroup-rule 'c 42:* rmw' --cgroup-parent /spec-parent --runtime runc",
    "--entrypoint /bin/echo",
    "--entrypoint ''",
    "--platform linux/amd64 --ipc private",
)  # fmt: skip


@pytest.fixture(scope="module")
def names(docker_cli: DockerCli, busybox: str) -> Iterator[dict[str, str]]:
    """Things that lines speak of; gone again afterwards."""
    key = secrets.token_hex(4)
    net, other, volume = f"spec-net-{key}", f"spec-other-{key}", f"spec-vol-{key}"
    docker_cli("network", "create", "--label", LABEL, "--subnet", "10.214.7.0/24", net)
    docker_cli("volume", "create", "--label", LABEL, volume)
    docker_cli(
        "run", "-d", "--label", LABEL, "--name", other, "-v", "/shared", busybox, "sleep", "99"
    )
    yield {"net": net, "other": other, "key": key, "image": busybox}
    docker_cli("rm", "-fv", other)
    docker_cli("network", "rm", net)
    docker_cli("volume", "rm", volume)


def comparable(inspect: dict[str, Any], *ignored: str) -> dict[str, Any]:
    """Config, HostConfig, mounts and networks without ids, names and times."""
    id, config = inspect["Id"], dict(inspect["Config"])
    if config["Hostname"] == id[:12]:
        config["Hostname"] = ""
    for name in ignored:
        config.pop(name)
    # Variables and binds come out in an order of chance: the same line, twice, has two orders.
    config["Env"] = sorted(config["Env"])
    mounts = [
        {**m, "Name": "", "Source": ""} if len(m.get("Name", "")) == 64 else m
        for m in inspect["Mounts"]
    ]
    networks = {
        name: {
            "IPAMConfig": filled(net["IPAMConfig"]),
            "Links": net["Links"],
            "Aliases": [alias for alias in net["Aliases"] or () if alias != id[:12]],
            "DriverOpts": net["DriverOpts"],
        }
        for name, net in inspect["NetworkSettings"]["Networks"].items()
    }
    host = inspect["HostConfig"]
    links = [f"{link.partition(':')[0]}:{link.rpartition('/')[2]}" for link in host["Links"] or ()]
    links.sort()  # in an order of chance, too
    return {
        "config": filled(config),
        "host": filled(host | {"Links": links, "Binds": sorted(host["Binds"] or ())}),
        # Null is the engine's own list of paths, an empty list is none of them.
        "masked": host["MaskedPaths"],
        "mounts": sorted(mounts, key=str),
        "networks": networks,
        "platform": inspect["Platform"],
    }


def told(inspect: dict[str, Any]) -> dict[str, Any]:
    """The same without volumes that nobody named, by which name ever an engine has them."""
    found = comparable(inspect)
    host, mounts = dict(found["host"]), found["mounts"]
    host["Binds"] = [b for b in host.get("Binds", ()) if not MADE_UP.fullmatch(b.partition(":")[0])]
    host["Mounts"] = [
        {k: v for k, v in m.items() if k != "Source" or not MADE_UP.fullmatch(v)}
        for m in host.get("Mounts", ())
    ]
    return found | {"host": host, "mounts": [m for m in mounts if m.get("Name", "x")]}


def made_up_volumes(inspect: dict[str, Any]) -> dict[str, str]:
    """Names of volumes that nobody named, by their paths."""
    mounts = [m for m in inspect["Mounts"] if MADE_UP.fullmatch(m.get("Name") or "")]
    return {m["Destination"]: m["Name"] for m in mounts}


def filled(value: Any) -> Any:
    """Without what is empty: null, [] and {} say the same to an engine."""
    if isinstance(value, dict):
        pairs = {name: filled(one) for name, one in value.items()}
        return {name: one for name, one in pairs.items() if one not in (None, [], {}, "")}
    return [filled(one) for one in value] if isinstance(value, list) else value


def line_of(options: str, names: dict[str, str], command: str = "echo hello") -> str:
    return f"docker run {MINE} {options.format(**names)} {names['image']} {command}"
