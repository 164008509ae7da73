"""What an image offers to the run form: its ports, volumes, variables and command. Pure."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.secrets import masked

LOW_PORTS, MOVED_BY = 1024, 8000
PORT = re.compile(r"[0-9]{1,5}(?:/[a-z]+)?")  # an image that was loaded may say anything


@dataclass(frozen=True, slots=True)
class Offer:
    """``line`` is what the list of ``flag`` gets when somebody takes it."""

    flag: str
    line: str
    label: str

    @property
    def value(self) -> str:
        """As a tick sends it."""
        return f"{self.flag} {self.line}"


@dataclass(frozen=True, slots=True)
class Offers:
    command: str
    ports: tuple[Offer, ...]
    volumes: tuple[Offer, ...]
    env: tuple[Offer, ...]


def offers(image: Mapping[str, Any]) -> Offers:
    """From an image's inspect. Variables that look secret and PATH are left out."""
    config = image.get("Config") or {}
    words = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    pairs = [entry.partition("=") for entry in config.get("Env") or ()]
    return Offers(
        shlex.join(words),
        tuple(port(key) for key in config.get("ExposedPorts") or {} if PORT.fullmatch(key)),
        tuple(Offer("volume", path, path) for path in config.get("Volumes") or {}),
        tuple(
            Offer("env", f"{name}={value}", name)
            for name, _, value in pairs
            if name != "PATH" and masked(name, value) == value
        ),
    )


def port(key: str) -> Offer:
    """``8080/tcp`` is published as it is, ``80/tcp`` as 8080: low ports of a host are kept back."""
    number, _, protocol = key.partition("/")
    suffix = f"/{protocol}" if protocol not in ("", "tcp") else ""
    host = int(number) if int(number) >= LOW_PORTS else int(number) + MOVED_BY
    return Offer("publish", f"{host}:{number}{suffix}", f"{number}{suffix}")
