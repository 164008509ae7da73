"""What the scripts share: the virtual environment, system packages, a word with the engine.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DEFAULT_ENGINE = "unix:///var/run/docker.sock"
POLICY = Path("/usr/sbin/policy-rc.d")


def say(sentence: str) -> None:
    print(f"wharfinger: {sentence}", file=sys.stderr, flush=True)


def run(*command: str | Path) -> None:
    """Run in the checkout; its failure is ours, with its own words above."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def prepare_venv(requirements: str) -> None:
    """Make ``.venv`` and install the pins, unless both stand as this checkout wants them."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this one may be older)
        sys.exit(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    stamp = VENV / f"{requirements}.stamp"
    wanted = digest_of_pins(requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not has_pip():
        make_venv()
    say(f"installing {requirements} into .venv …")
    quietly = ("--quiet", "--disable-pip-version-check")
    run(PYTHON, "-m", "pip", "install", *quietly, "--requirement", requirements)
    stamp.write_text(wanted)


def digest_of_pins(requirements: str) -> str:
    pins = (ROOT / requirements).read_bytes() + (ROOT / "requirements.txt").read_bytes()
    return hashlib.sha256(pins + sys.version.encode()).hexdigest()


def has_pip() -> bool:
    command = [str(PYTHON), "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(command, capture_output=True).returncode == 0


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        install("python3-venv")
    say("making .venv …")
    run(sys.executable, "-m", "venv", "--clear", VENV)


def install(*packages: str, start: bool = True) -> None:
    """Install Debian packages as root; otherwise say the command and stop.

    ``start=False`` keeps the packages' services from starting.
    """
    wanted = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"These packages are missing: {wanted}\nInstall them: sudo apt-get install {wanted}"
        )
    say(f"installing {wanted} …")
    keep_still = not start and not POLICY.exists()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if keep_still:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        subprocess.run(["apt-get", "-q", "update"], check=True, stdout=subprocess.DEVNULL)
        command = ["apt-get", "-q", "-y", "install", *packages]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)} failed: see above.")
    finally:
        if keep_still:
            POLICY.unlink()


def missing(programs: dict[str, str]) -> list[str]:
    """The packages of those programs that are not here."""
    return sorted({package for program, package in programs.items() if not shutil.which(program)})


def engine_answers(address: str, seconds: float = 3) -> bool:
    """Whether an engine answers a ping at ``unix://…`` or ``tcp://host:port`` (without TLS)."""
    parts = urlsplit(address)
    try:
        with connected(parts.scheme, parts.path, parts.hostname, parts.port, seconds) as connection:
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def connected(
    scheme: str, path: str, host: str | None, port: int | None, seconds: float
) -> socket.socket:
    if scheme == "tcp":
        return socket.create_connection((host or "localhost", port or 2375), seconds)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def succeeded(commands: Iterable[list[str]]) -> bool:
    """Whether one of these commands, tried in turn, succeeds."""
    for command in commands:
        if shutil.which(command[0]) and subprocess.run(command, check=False).returncode == 0:
            return True
    return False
