"""Amounts inside the fence: bounds for what a container takes of what all on its host share."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from engine.spec_values import MountFlag, MountSpec, Ulimit

MOST_TMPFS = 2**30
MOST_FILES, MOST_PIDS = 1_048_576, 4096
MOST_LOG, MOST_LOG_FILES, MOST_LOG_BUFFER = 100 * 2**20, 10, 16 * 2**20
LOG_OPTIONS = ("max-size", "max-file", "compress", "mode", "max-buffer-size", "tag")
# An endless log fills the disk; the buffer is the engine's own memory.
LOG_BOUNDS = {"max-size": MOST_LOG, "max-file": MOST_LOG_FILES, "max-buffer-size": MOST_LOG_BUFFER}
_SIZE = re.compile(r"([0-9]{1,12})([bkmg]?)", re.IGNORECASE)
_MODE = re.compile(r"[0-7]{1,6}")
_TMPFS_WORDS = {"rw", "ro", "noexec", "exec", "nosuid", "nodev", "mode", "uid", "gid", "size"}
_LONG_WORDS = {"tmpfs-size": "size", "tmpfs-mode": "mode"}


def bytes_of(text: str) -> int:
    """``64m`` in bytes; 0, which no bound allows, where it is no size."""
    size = _SIZE.fullmatch(text)
    powers = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3}
    return int(size[1]) << (10 * powers[size[2].lower()]) if size else 0


def log_options(value: tuple[tuple[str, str], ...], means: Any) -> Iterator[str]:
    for key, text in value:
        if key not in LOG_OPTIONS:
            told = {"name": key, "words": ", ".join(LOG_OPTIONS)}
            yield _("%(name)s is not one of: %(words)s.") % told
        elif key in LOG_BOUNDS and not 0 < bytes_of(text) <= LOG_BOUNDS[key]:
            most = LOG_BOUNDS[key]
            shown = str(most) if most < 2**20 else f"{most >> 20}m"
            words = _("%(name)s of “%(value)s” is not between 1 and %(most)s.")
            yield words % {"name": key, "value": text, "most": shown}


def ulimits(value: tuple[Ulimit, ...], means: Any) -> Iterator[str]:
    caps = {"nofile": MOST_FILES, "nproc": MOST_PIDS, "core": 0}
    for limit in value:
        if limit.name not in caps or not 0 <= limit.soft <= limit.hard <= caps[limit.name]:
            yield _("%(name)s is outside what you may set.") % {"name": limit.name}


def tmpfs_options(mount: MountSpec) -> Iterator[str]:
    """Judged as the engine will read them: of ``--mount`` by its own keys, of ``--tmpfs`` each
    word between two commas. One size, for the last of two would win, and 0 is no limit."""
    options = list(as_written(mount))
    unknown = {key for key, _text in options} - _TMPFS_WORDS
    if unknown:
        words = ", ".join(sorted(unknown))
        yield _("a tmpfs takes no such options: %(words)s.") % {"words": words}
    sizes = [bytes_of(text) for key, text in options if key == "size"]
    if len(sizes) != 1 or not 0 < sizes[0] <= MOST_TMPFS:
        yield _("a tmpfs needs a size of at most %(most)s.") % {"most": "1g"}
    if not all(_MODE.fullmatch(text) for key, text in options if key == "mode"):
        yield _("a tmpfs has its mode in octal, as 1777.")


def as_written(mount: MountSpec) -> Iterator[tuple[str, str]]:
    if mount.flag is MountFlag.MOUNT:
        yield from ((_LONG_WORDS.get(key, f"({key})"), text) for key, text in mount.options)
        return
    for word in ",".join(key for key, _text in mount.options).split(","):
        if word:
            key, _equals, text = word.partition("=")
            yield key, text
