"""Settings from the environment: strict readers that fail with a sentence.

Every name read here stands in ``docs/settings.md``; a test holds the two together.
"""

import os
import posixpath
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from access.addresses import Network, networks_of

env = environ.Env()
TRUE = {"1", "true", "yes", "on"}
# Nothing in these, and nothing that they are in, is ever given to a container.
NEVER = ("/etc", "/root", "/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/var/lib/docker")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return str(env.str(name, default=default)).strip()


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false; use 1 or 0.")


def number(name: str, default: int, low: int = 0, high: int = 2**53) -> int:
    value = text(name, str(default))
    if not value.lstrip("-").isdigit():
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.")
    if not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name}={value} is out of range: use {low} to {high}.")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: use one of {', '.join(allowed)}.")
    return value


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def host_paths(name: str) -> dict[str, bool]:
    """``/srv/a,/srv/b:rw``: path → whether it may be written. What leads to the host is refused."""
    found = {}
    for entry in names(name):
        path, _colon, mode = entry.partition(":")
        if (
            mode not in ("", "ro", "rw")
            or path != posixpath.normpath(path)
            or path[:1] != "/"
            or path[:2] == "//"
        ):
            raise ImproperlyConfigured(f"{name}={entry!r}: use /an/absolute/path or /path:rw.")
        inside = path.rstrip("/") + "/"
        if any(inside.startswith(f"{bad}/") or bad.startswith(inside) for bad in NEVER):
            raise ImproperlyConfigured(f"{name}={entry!r}: whoever has this path has the host.")
        found[path] = mode == "rw"
    return found


def web_address(name: str) -> str:
    """An origin such as https://docker.example.org, or nothing."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path):
        raise ImproperlyConfigured(
            f"{name}={value!r}: give scheme, host and port only, like https://docker.example.org."
        )
    return value


def networks(name: str) -> tuple[Network, ...]:
    """Addresses and networks, comma-separated. The whole world is none of them."""
    try:
        found = networks_of(names(name))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error
    if any(network.prefixlen == 0 for network in found):
        raise ImproperlyConfigured(f"{name}: a network of all addresses would trust everybody.")
    return found


def header(name: str) -> str:
    """The name of a request header, in small letters, or nothing."""
    value = text(name).lower()
    if value and not re.fullmatch(r"[a-z0-9-]{1,80}", value):
        raise ImproperlyConfigured(f"{name}={value!r} is no name of a header, like Remote-User.")
    return value


def secure_address(name: str, value: str) -> str:
    """https, or http on this machine itself, where there is no wire to listen at."""
    parts = urlsplit(value)
    on_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or on_loopback) or parts.username:
        raise ImproperlyConfigured(f"{name}={value!r}: use an address with https://.")
    return value


def link(name: str) -> str:
    value = text(name)
    return value and secure_address(name, value)


def origins(name: str) -> list[str]:
    """Exact origins, comma-separated: https, no path, no wildcard."""
    found = []
    for value in names(name):
        secure_address(name, value)
        host = r"(?:[a-z0-9-]+\.)*[a-z0-9-]+|\[[0-9a-f:]+\]"
        if not re.fullmatch(rf"https?://(?:{host})(?::[0-9]{{1,5}})?", value):
            raise ImproperlyConfigured(
                f"{name}={value!r}: give exact origins in small letters and without a path,"
                " like https://portal.example.org; there is no wildcard."
            )
        found.append(value)
    return found


def secret(name: str) -> str:
    """``name`` itself, else the content of the file that ``name``_FILE names."""
    if value := text(name):
        return value
    path = text(f"{name}_FILE")
    try:
        return Path(path).read_text().strip() if path else ""
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path}: {error.strerror}.") from error


def together(name: str, needed: str, given: bool) -> None:
    """``name`` makes sense only with ``needed``."""
    if text(name) and not given:
        raise ImproperlyConfigured(f"{name} needs {needed}, too.")


def engine_address(name: str, default: str) -> str:
    """Where an engine listens: unix:///path or tcp://host:port."""
    value = text(name, default)
    parts = urlsplit(value)
    good = parts.path if parts.scheme == "unix" else parts.scheme == "tcp" and parts.hostname
    if not good:
        raise ImproperlyConfigured(f"{name}={value!r}: use unix:///path or tcp://host:port.")
    return value


def slug(name: str, default: str) -> str:
    value = text(name, default)
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", value) or value == "all":
        raise ImproperlyConfigured(
            f"{name}={value!r}: use 1 to 40 small letters, digits and hyphens; 'all' is reserved."
        )
    return value


def database(name: str, default: str) -> dict[str, Any]:
    """A database address as Django's settings: sqlite:///path or postgres://user:password@host/name."""
    value = text(name, default)
    if urlsplit(value).scheme not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"{name}: use sqlite:///path or postgres://user:password@host/name."
        )
    return dict(environ.Env.db_url_config(value))


def directory(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path}: {error.strerror}.") from error
    if not os.access(path, os.W_OK):
        raise ImproperlyConfigured(f"{name}={path} is not writable by this user.")
    return path


def secret_key(data_dir: Path) -> str:
    """SECRET_KEY, else the content of SECRET_KEY_FILE, else one made once in the data directory."""
    if value := text("SECRET_KEY"):
        return long_enough("SECRET_KEY", value)
    path = Path(text("SECRET_KEY_FILE", str(data_dir / "secret-key")))
    if not path.exists() and not text("SECRET_KEY_FILE"):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    try:
        return long_enough("SECRET_KEY_FILE", path.read_text().strip())
    except OSError as error:
        raise ImproperlyConfigured(f"SECRET_KEY_FILE={path}: {error.strerror}.") from error


def long_enough(name: str, value: str) -> str:
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} is too short: use at least 32 characters.")
    return value
