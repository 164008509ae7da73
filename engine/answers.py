"""What engine JSON is made of: times, ids, modes; and the answers that are no rows. Pure."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.types import EngineEvent, EngineFacts, PathStat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Json = Mapping[str, Any]

_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
# Go's os.FileMode bit → the bits Unix writes for it.
_MODE_BITS = (
    (1 << 31, 0o040000),  # directory
    (1 << 27, 0o120000),  # symbolic link
    (1 << 25, 0o010000),  # named pipe
    (1 << 24, 0o140000),  # socket
    (1 << 23, 0o004000),  # setuid
    (1 << 22, 0o002000),  # setgid
    (1 << 20, 0o001000),  # sticky
)


def bare_id(text: str) -> str:
    """An image's id without ``sha256:``."""
    return text.removeprefix("sha256:")


def parse_time(value: Any) -> datetime | None:
    """Unix seconds or RFC 3339 (any number of decimals) → UTC; Go's zero time → None."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC) if value > 0 else None
    match = _TIME.match(value or "")
    if not match or match[1].startswith("0001-"):
        return None
    micros = (match[2] or "")[:6].ljust(6, "0")
    zone = "+00:00" if match[3] in (None, "Z") else match[3]
    return datetime.fromisoformat(f"{match[1]}.{micros}{zone}").astimezone(UTC)


def created_time(value: Any) -> datetime:
    """To the second, so that a list and an inspect say the same."""
    return (parse_time(value) or EPOCH).replace(microsecond=0)


def event(item: Json) -> EngineEvent:
    """One object of ``/events``; an image's id loses ``sha256:``."""
    actor = item.get("Actor") or {}
    seconds = int(item.get("time") or 0)
    return EngineEvent(
        kind=str(item.get("Type") or ""),
        action=str(item.get("Action") or item.get("status") or ""),
        id=bare_id(str(actor.get("ID") or item.get("id") or "")),
        time_ns=int(item.get("timeNano") or seconds * 1_000_000_000),
        attributes=dict(actor.get("Attributes") or {}),
    )


def seconds_text(ns: int) -> str:
    """As text with nine decimals: a float would lose nanoseconds."""
    return f"{ns // 1_000_000_000}.{ns % 1_000_000_000:09d}"


def facts(info: Json, version: Json, api_version: str) -> EngineFacts:
    """``/info`` and ``/version`` → facts; ``api_version`` is the negotiated one."""
    cgroup = f"{info.get('CgroupDriver') or ''} v{info.get('CgroupVersion') or '1'}"
    return EngineFacts(
        version=str(version.get("Version") or info.get("ServerVersion") or ""),
        api_version=api_version,
        os=str(info.get("OperatingSystem") or info.get("OSType") or ""),
        architecture=str(info.get("Architecture") or version.get("Arch") or ""),
        cpus=int(info.get("NCPU") or 0),
        memory=int(info.get("MemTotal") or 0),
        storage_driver=str(info.get("Driver") or ""),
        cgroup=cgroup.strip(),
        name=str(info.get("Name") or ""),
        raw=dict(info),
    )


def unix_mode(go_mode: int) -> int:
    """Go's ``os.FileMode`` → the mode bits of Unix, type included."""
    mode = go_mode & 0o777
    for go_bit, bits in _MODE_BITS:
        if go_mode & go_bit:
            mode |= bits
    if go_mode & (1 << 26):  # device: character or block
        mode |= 0o020000 if go_mode & (1 << 21) else 0o060000
    return mode if mode & 0o170000 else mode | 0o100000


def path_stat(header: str) -> PathStat:
    """``X-Docker-Container-Path-Stat`` → PathStat. Raises ValueError where it is not one."""
    item = json.loads(base64.b64decode(header))
    return PathStat(
        name=str(item.get("name") or ""),
        size=int(item.get("size") or 0),
        mode=unix_mode(int(item.get("mode") or 0)),
        mtime=parse_time(item.get("mtime")) or EPOCH,
        link_target=str(item.get("linkTarget") or ""),
    )
