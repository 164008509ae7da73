"""A private registry (Debian's docker-registry) on a free loopback port."""

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engine import EngineMissing, require, run, start_daemon, stop_daemon

CONFIG = """\
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {root}}}
  delete: {{enabled: true}}
http: {{addr: "{address}"}}
"""
HTPASSWD = """\
auth:
  htpasswd: {{realm: wharfinger-test, path: {path}}}
"""


@dataclass(frozen=True)
class Registry:
    """A running registry: ``address`` is ``127.0.0.1:port``; user and password "" where open."""

    address: str
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.address}"


@contextlib.contextmanager
def private_registry(home: Path, user: str = "", password: str = "") -> Iterator[Registry]:
    require("docker-registry")
    registry = Registry(f"127.0.0.1:{free_port()}", user, password)
    config = home / "config.yml"
    config.write_text(configuration(home, registry))
    process = start_daemon(["docker-registry", "serve", str(config)], home / "registry.log")
    try:
        wait_for_registry(process, registry, home)
        yield registry
    finally:
        stop_daemon(process)


def configuration(home: Path, registry: Registry) -> str:
    text = CONFIG.format(root=home / "storage", address=registry.address)
    if not registry.user:
        return text
    require("htpasswd")
    path = home / "htpasswd"
    path.write_text(run("htpasswd", "-Bbn", registry.user, registry.password))
    return text + HTPASSWD.format(path=path)


def wait_for_registry(process: subprocess.Popen[bytes], registry: Registry, home: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        if answers(registry.url):
            return
        time.sleep(0.05)
    log = (home / "registry.log").read_text(errors="replace")[-2000:]
    raise EngineMissing(f"The private registry did not start:\n{log}")


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/v2/", timeout=2).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code == 401
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
