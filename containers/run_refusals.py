"""Beside which field of the run form an engine's refusal belongs. Pure."""

import re

_FIELDS = (
    (r"is already in use by container|invalid container name", "name"),
    (r"no such image|invalid reference format|pull access denied", "image"),
    (r"port is already allocated|address already in use|cannot assign requested", "ports"),
    (r"unable to find user|no matching entries in (?:passwd|group)", "user"),
    (r"invalid mount|bind source path|invalid volume|duplicate mount|mount denied", "mounts"),
    (r"volume name|mountpoint|error mounting", "mounts"),
    (r"exec: |executable file not found|exec format error|no command specified", "command"),
    (r"network \S+ not found|could not be found|user specified ip address", "network"),
    (r"memory", "memory"),
    (r"cpus?\b", "nano_cpus"),
    (r"working directory|\bcwd\b|chdir", "workdir"),
    (r"health", "health"),
    (r"hostname", "hostname"),
)


def field_of(sentence: str) -> str | None:
    """The field's name; None where the sentence is about the whole."""
    for pattern, field in _FIELDS:
        if re.search(pattern, sentence, re.IGNORECASE):
            return field
    return None
