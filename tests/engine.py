"""A private Docker engine beside the machine's own, and images that need no registry.

Standard library only: ``script/engine`` and ``script/test`` run it before anything is installed.
The engine has its own directories, socket, bridge and containerd namespace, and touches no
firewall rule: a second engine with ``--iptables`` would flush the chains of the first.
"""

import contextlib
import ctypes
import ipaddress
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "wharfinger-engine-"
SUBNETS = ipaddress.ip_network("10.213.0.0/16").subnets(new_prefix=24)
PR_SET_PDEATHSIG = 1
PLENTY = 8 * 2**20  # kB of free memory


class EngineMissing(RuntimeError):
    """No engine to test against; the sentence says how to get one."""


def die_with_parent() -> None:
    """In a child: SIGTERM when the parent goes, so that a killed test run leaves no daemon."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_daemon(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a daemon in a session of its own, out of reach of the terminal's ^C.

    Of no width: by COLUMNS, which a test's worker sets, the engine's ``ps`` would cut its lines.
    """
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={k: v for k, v in (environment or os.environ).items() if k != "COLUMNS"},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def stop_daemon(process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def private_engine(in_memory: bool = False) -> Iterator[str]:
    """A running engine's ``unix://`` address; nothing of it is left afterwards.

    ``in_memory``: where there is plenty of it, its directories are there. An engine waits for the
    disk at each step of a container's life: without one it makes and removes it in half the time.
    """
    demand()
    sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        if in_memory and free_memory() > PLENTY:
            run("mount", "-t", "tmpfs", "-o", "mode=700", "wharfinger-engine", str(home))
        bridge = add_bridge(home)
        process = start_daemon(engine_command(home, bridge), home / "dockerd.log")
        try:
            wait_for_engine(process, home)
            yield f"unix://{home}/docker.sock"
        finally:
            stop_daemon(process)
    finally:
        remove_home(home)


def free_memory() -> int:
    """In kB, what could be had without swapping."""
    found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return int(found[1]) if found else 0


def demand() -> None:
    """Raise EngineMissing, with the way out, where no private engine can run."""
    require("dockerd", "ip")
    if os.geteuid() != 0:
        raise EngineMissing("A private engine needs root. Name another by TEST_DOCKER_HOST.")


def engine_command(home: Path, bridge: str) -> list[str]:
    return [
        "dockerd",
        f"--data-root={home}/data",
        f"--exec-root={home}/exec",
        f"--pidfile={home}/dockerd.pid",
        f"--host=unix://{home}/docker.sock",
        f"--config-file={write_config(home)}",
        f"--bridge={bridge}",
        f"--containerd-namespace={bridge}",
        f"--containerd-plugins-namespace={bridge}-plugins",
        "--iptables=false",
        "--ip6tables=false",
        "--ip-masq=false",
        "--insecure-registry=127.0.0.0/8",
    ]


def write_config(home: Path) -> Path:
    """An empty configuration: the machine's own /etc/docker/daemon.json is not ours to follow."""
    path = home / "daemon.json"
    path.write_text("{}")
    return path


def add_bridge(home: Path) -> str:
    name = f"whb{secrets.token_hex(4)}"
    (home / "bridge").write_text(name)
    subnet = free_subnet()
    address = f"{next(subnet.hosts())}/{subnet.prefixlen}"
    run("ip", "link", "add", name, "type", "bridge")
    run("ip", "address", "add", address, "dev", name)
    run("ip", "link", "set", name, "up")
    return name


def free_subnet() -> ipaddress.IPv4Network:
    routes = run("ip", "-4", "route", "show", "table", "all")
    taken = [
        ipaddress.ip_network(found, strict=False)
        for found in re.findall(r"\b\d+\.\d+\.\d+\.\d+(?:/\d+)?", routes)
    ]
    for subnet in SUBNETS:
        if not any(subnet.overlaps(network) for network in taken):
            return subnet
    raise EngineMissing("No free /24 in 10.213.0.0/16 for the private engine's bridge.")


def wait_for_engine(process: subprocess.Popen[bytes], home: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if answers(home / "docker.sock"):
            return
        time.sleep(0.05)
    log = (home / "dockerd.log").read_text(errors="replace")[-2000:]
    raise EngineMissing(f"The private engine did not start:\n{log}")


def answers(path: Path) -> bool:
    """Whether an engine at this socket answers a ping with 200."""
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in connection.recv(64)
    return False


def remove_home(home: Path) -> None:
    """Unmount, unbridge and remove what a private engine used."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    with contextlib.suppress(FileNotFoundError):
        bridge = (home / "bridge").read_text()
        subprocess.run(["ip", "link", "delete", bridge], check=False, capture_output=True)
    points = [line.split()[1] for line in mounts if f"{line.split()[1]}/".startswith(f"{home}/")]
    for point in reversed(points):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


def sweep() -> None:
    """Remove what engines left whose owners were killed: their process id is in the name."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = home.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists() and not daemon_runs(home):
            remove_home(home)


def daemon_runs(home: Path) -> bool:
    try:
        daemon = int((home / "dockerd.pid").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return Path("/proc", str(daemon)).exists()


def require(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise EngineMissing(f"{program} is not installed. script/test installs it as root.")


def run(*command: str, data: bytes | None = None) -> str:
    """Run to the end and return its output; a failure raises with its words."""
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def import_image(url: str, reference: str, archive: bytes, *changes: str) -> None:
    """``docker import`` a root file system (an uncompressed tar) as a one-layer image."""
    options = [part for change in changes for part in ("--change", change)]
    run("docker", "-H", url, "import", *options, "-", reference, data=archive)


def as_instruction(keyword: str, words: list[str]) -> str:
    return f"{keyword} {json.dumps(words)}"
