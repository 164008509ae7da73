"""Passwords at rest: sealed with keys from a file in the data directory, not in the database.

The file holds one Fernet key a line; the first seals, all open. ``add_key`` puts a new one on top.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

FILE = "registry-keys"


class SealBroken(Exception):
    """None of the keys opens this value: the key file is another one, or the value was changed."""


def seal(text: str) -> str:
    return keyring().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises SealBroken."""
    try:
        return keyring().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


def reseal(sealed: str) -> str:
    """The same value under the newest key. Raises SealBroken."""
    try:
        return keyring().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


def add_key() -> None:
    """Put a new key on top of the file, whole or not at all."""
    old = keys()
    fresh = path().with_suffix(".new")
    write(fresh, [Fernet.generate_key().decode(), *old])
    fresh.replace(path())


def keyring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys()])


def keys() -> list[str]:
    """The keys, newest first; the file is made on first use."""
    if not path().exists():
        write(path(), [Fernet.generate_key().decode()])
    return path().read_text().split()


def path() -> Path:
    return Path(settings.DATA_DIR) / FILE


def write(file: Path, lines: list[str]) -> None:
    """Readable by this user only from its first byte; an existing file is never overwritten."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write("\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
