"""The whole site as a process of its own, with a data directory and a port of its own."""

import atexit
import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engine import start_daemon, stop_daemon
from tests.registry import free_port

ADMIN = ("admin", "correct horse battery")
ROOT = Path(__file__).parents[1]
SETTINGS = "tests.site_settings"


@dataclass
class Site:
    """A running server; ``log`` is what it printed so far."""

    url: str
    data_dir: Path
    process: "subprocess.Popen[bytes]"
    username: str = ADMIN[0]
    password: str = ADMIN[1]

    @property
    def log(self) -> str:
        return log_file(self.data_dir).read_text(errors="replace")


@contextlib.contextmanager
def running_site(
    engine_url: str,
    data_dir: Path,
    module: str = "dashboard.server",
    *,
    bare: bool = False,
    **settings: str,
) -> Iterator[Site]:
    """Serve until the block ends. ``settings`` are environment variables on top.

    ``bare``: the server finds nothing prepared, as at its very first start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    if not bare:
        furnish(data_dir)
    port = int(settings.get("PORT") or free_port())
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DATA_DIR": str(data_dir),
        "DOCKER_HOST": engine_url,
        "HOST_SLUG": "local",
        "PORT": str(port),
        "ADMIN_USER": ADMIN[0],
        "ADMIN_PASSWORD": ADMIN[1],
        **settings,
    }
    command = [sys.executable, "-m", module]
    process = start_daemon(command, log_file(data_dir), environment)
    site = Site(f"http://127.0.0.1:{port}", data_dir, process)
    try:
        wait_for(site)
        yield site
    finally:
        stop_daemon(process)


def furnish(data_dir: Path) -> None:
    """Put there what a first start would make in seconds of work, the same in each test."""
    if not (data_dir / "static").exists():
        shutil.copytree(prepared(), data_dir, dirs_exist_ok=True)


@functools.cache
def prepared() -> Path:
    """Tables, packed static files and translations; made once by each of the run's processes."""
    folder = Path(tempfile.mkdtemp(prefix="wharfinger-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "DATA_DIR": str(folder)}
    command = [sys.executable, ROOT / "manage.py", "prepare"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "secret-key").unlink(missing_ok=True)  # each site makes its own
    return folder


def log_file(data_dir: Path) -> Path:
    return data_dir / "server.log"


def wait_for(site: Site, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and site.process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{site.url}/healthz", timeout=5).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{site.log}")
