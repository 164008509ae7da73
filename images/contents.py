"""What an image is made of: its configuration and history. Secret-looking values are masked."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from access.secrets import masked, masked_env, masked_text
from engine.answers import Json
from engine.image_rows import platform_text
from engine.types import Layer
from hosts.live import engine_of

MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Contents:
    """``history`` is oldest first. Texts are "" where the image says nothing."""

    platform: str
    author: str
    command: str
    entrypoint: str
    workdir: str
    user: str
    health: str
    stop_signal: str
    ports: tuple[str, ...]
    volumes: tuple[str, ...]
    env: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    history: tuple[Layer, ...]


@lru_cache(maxsize=MOST_KEPT)
def contents_of(host: str, image_id: str) -> Contents:
    """Asked of the engine once, for it never changes under this id. Raises EngineErrors."""
    commands = engine_of(host).commands
    return contents(commands.inspect_image(image_id), tuple(commands.history(image_id)))


def contents(inspect: Json, history: tuple[Layer, ...] = ()) -> Contents:
    config = dict(inspect.get("Config") or {})
    labels = sorted((config.get("Labels") or {}).items())
    return Contents(
        platform=platform_text(inspect),
        author=str(inspect.get("Author") or ""),
        command=words(config.get("Cmd")),
        entrypoint=words(config.get("Entrypoint")),
        workdir=str(config.get("WorkingDir") or ""),
        user=str(config.get("User") or ""),
        health=words(list((config.get("Healthcheck") or {}).get("Test") or ())[1:]),
        stop_signal=str(config.get("StopSignal") or ""),
        ports=tuple(sorted(config.get("ExposedPorts") or {})),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        env=tuple(masked_env(str(pair) for pair in config.get("Env") or ())),
        labels=tuple((key, masked(key, str(text))) for key, text in labels),
        history=history,
    )


def words(parts: Any) -> str:
    return masked_text(" ".join(str(part) for part in parts or ()))
