"""A private Podman that speaks the engine's API, beside the machine's own.

It has a storage, a configuration and a socket of its own. Its containers have no network: whoever
has no right to raise limits can still run them by runc without any.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.engine import EngineMissing, answers, start_daemon, stop_daemon

STORAGE = """[storage]
driver = "vfs"
graphroot = "{home}/storage"
runroot = "{home}/run"
"""
SETTINGS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
REGISTRIES = """[[registry]]
location = "127.0.0.1"
insecure = true
[[registry]]
prefix = "127.0.0.1:{port}"
location = "127.0.0.1:{port}"
insecure = true
"""


@contextlib.contextmanager
def private_podman(registry_port: str) -> Iterator[str]:
    """A running one's ``unix://`` address; nothing of it is left afterwards."""
    if shutil.which("podman") is None:
        raise EngineMissing("Podman is missing: apt-get install podman.")
    with tempfile.TemporaryDirectory(prefix="wharfinger-podman-") as folder:
        home = Path(folder)
        environment = configured(home, registry_port)
        socket = home / "podman.sock"
        command = ["podman", "system", "service", "--time=0", f"unix://{socket}"]
        process = start_daemon(command, home / "podman.log", environment)
        try:
            wait_for(socket, home / "podman.log")
            yield f"unix://{socket}"
        finally:
            podman = ["podman", "rm", "--all", "--force", "--time=0"]
            subprocess.run(podman, env=environment, capture_output=True, check=False)
            stop_daemon(process)


def configured(home: Path, registry_port: str) -> dict[str, str]:
    files = {
        "CONTAINERS_STORAGE_CONF": STORAGE.format(home=home),
        "CONTAINERS_CONF": SETTINGS,
        "CONTAINERS_REGISTRIES_CONF": REGISTRIES.format(port=registry_port),
    }
    for name, text in files.items():
        (home / name).write_text(text)
    return {**os.environ, **{name: str(home / name) for name in files}}


def wait_for(socket: Path, log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not (socket.exists() and answers(socket)):
        if time.monotonic() > deadline:
            raise EngineMissing(f"Podman did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)
