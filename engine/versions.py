"""Which API version is spoken with an engine."""

from engine.errors import EngineError, Refused

# The newest API that our code was written for; an engine may insist on a newer one.
NEWEST_API = "1.44"


def choose(engine: str, oldest: str) -> str:
    """The engine's newest version, ours if that is older, never below the engine's oldest.

    Raises EngineError where a version is no version.
    """
    try:
        spoken = min(engine, NEWEST_API, key=version_key)
        return max(spoken, oldest, key=version_key) if oldest else spoken
    except ValueError:
        raise EngineError(f"The engine names an API version {engine!r}, which is none.") from None


def version_key(version: str) -> tuple[int, ...]:
    """ "1.41" → (1, 41), to compare."""
    return tuple(int(part) for part in version.split("."))


def wrong_version(error: Refused) -> bool:
    """Whether the engine refused the version that we spoke, and nothing else."""
    return "client version" in error.message and "too " in error.message
