"""``-v``, ``--mount`` and ``--tmpfs`` as typed mounts, both ways. Pure."""

import re

from engine.flag_values import (
    BAD_KEY,
    format_pair,
    join_fields,
    parse_bool,
    split_fields,
)
from engine.sentences import BadValue, gettext_noop
from engine.spec_values import MountFlag, MountKind, MountSpec
from engine.units import parse_size

_WINDOWS = re.compile(r"[A-Za-z]:(?:\\|/[^:]*:/)")
_NO_VALUE = ("readonly", "volume-nocopy", "bind-nonrecursive")
_SAME = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}
_KEYS = {
    MountKind.BIND: ("bind-propagation", "bind-nonrecursive"),
    MountKind.VOLUME: (
        "volume-driver",
        "volume-label",
        "volume-opt",
        "volume-nocopy",
        "volume-subpath",
    ),
    MountKind.TMPFS: ("tmpfs-size", "tmpfs-mode"),
}

BAD_VOLUME = gettext_noop(
    "“%(value)s” is not a mount: write /host/path:/path, name:/path or /path, then :ro if wanted."
)
WINDOWS = gettext_noop(
    "“%(value)s” has a path on Windows; this engine's host has paths that start with /."
)
BAD_MOUNT_TYPE = gettext_noop("“%(value)s” is not a kind of mount: bind, volume or tmpfs.")
NO_TARGET = gettext_noop("“%(value)s” says no path in the container: add target=/path.")
BAD_MODE = gettext_noop("“%(value)s” is not a file mode: write it in octal, as 1777.")


def parse_volume(text: str) -> MountSpec:
    """``[source:]target[:options]``; a source with a / at its start (or . ~ $) is a bind mount."""
    if _WINDOWS.match(text):
        raise BadValue(WINDOWS, value=text)
    parts = text.split(":")
    if len(parts) == 1:
        return MountSpec(MountKind.VOLUME, parts[0])
    if len(parts) > 3 or not parts[0] or not parts[1]:
        raise BadValue(BAD_VOLUME, value=text)
    words = [w for w in (parts[2].split(",") if len(parts) == 3 else []) if w not in ("", "rw")]
    kind = MountKind.BIND if _is_path(parts[0]) else MountKind.VOLUME
    options = tuple((word, "") for word in words if word != "ro")
    return MountSpec(kind, parts[1], parts[0], "ro" in words, options)


def _is_path(source: str) -> bool:
    return source.startswith(("/", ".", "~", "$", "`"))


def format_volume(mount: MountSpec) -> str:
    words = (["ro"] if mount.read_only else []) + [word for word, _ in mount.options]
    if not mount.source:
        return mount.target
    return ":".join([mount.source, mount.target, *([",".join(words)] if words else [])])


def parse_tmpfs(text: str) -> MountSpec:
    """``/path[:size=64m,mode=1777]``."""
    path, _, words = text.partition(":")
    options = tuple((word, "") for word in words.split(",") if word)
    return MountSpec(MountKind.TMPFS, path, options=options, flag=MountFlag.TMPFS)


def format_tmpfs(mount: MountSpec) -> str:
    words = ",".join(word for word, _ in mount.options)
    return f"{mount.target}:{words}" if words else mount.target


def parse_mount(text: str) -> MountSpec:
    """``type=bind,source=/a,target=/b,readonly``; a key that its kind has not is refused."""
    fields = [_field(text, field) for field in split_fields(text)]
    given = dict(fields)
    kind = given.get("type", "volume").lower()
    if kind not in [known.value for known in MountKind]:
        raise BadValue(BAD_MOUNT_TYPE, value=kind)
    if not given.get("target"):
        raise BadValue(NO_TARGET, value=text)
    options = [f for f in fields if f[0] not in ("type", "source", "target", "readonly")]
    return MountSpec(
        MountKind(kind),
        given["target"],
        given.get("source", ""),
        given.get("readonly") == "true",
        tuple(_option(MountKind(kind), key, value) for key, value in options if value != "false"),
        MountFlag.MOUNT,
    )


def _field(text: str, field: str) -> tuple[str, str]:
    key, equals, value = field.partition("=")
    key = _SAME.get(key, key)
    if key in _NO_VALUE:
        return key, "true" if not equals or parse_bool(value) else "false"
    if not equals:
        raise BadValue(BAD_KEY, key=field, value=text)
    return key, value


def _option(kind: MountKind, key: str, value: str) -> tuple[str, str]:
    if key not in (*_KEYS[kind], "consistency"):
        raise BadValue(BAD_KEY, key=key, value=f"type={kind.value}")
    if key == "tmpfs-size":
        return key, str(parse_size(value))
    if key == "tmpfs-mode":
        return key, _octal(value)
    return key, value


def _octal(text: str) -> str:
    if not re.fullmatch("[0-7]{1,6}", text):
        raise BadValue(BAD_MODE, value=text)
    return f"{int(text, 8):o}"


def format_mount(mount: MountSpec) -> str:
    fields = [f"type={mount.kind.value}"]
    fields += [f"source={mount.source}"] if mount.source else []
    fields += [f"target={mount.target}"]
    fields += ["readonly"] if mount.read_only else []
    fields += [key if key in _NO_VALUE else format_pair((key, v)) for key, v in mount.options]
    return join_fields(fields)
