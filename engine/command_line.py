"""A ``ContainerSpec`` as a ``docker run`` line, and other verbs as theirs. Pure.

``from_line`` and ``from_flags`` (the way back) are in ``engine.command_reader``.
"""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields

from engine.command_reader import Parsed, from_flags, from_line
from engine.flag_values import format_network
from engine.flags import FLAGS, Flag
from engine.spec_values import MountFlag
from engine.specs import ContainerSpec, NetworkSpec

__all__ = [
    "FOLD",
    "Parsed",
    "Say",
    "from_flags",
    "from_line",
    "line_pieces",
    "to_flags",
    "to_line",
    "verb_line",
]

_DEFAULTS = {field.name: field.default for field in fields(ContainerSpec)}
_MOUNT_FLAGS = {"volume": MountFlag.VOLUME, "mount": MountFlag.MOUNT, "tmpfs": MountFlag.TMPFS}
_GROUPED = ("detach", "stdin", "tty")

Group = list[str]
# What is said of words before they are quoted: a mask within quotes could end them.
Say = Callable[[Sequence[str]], list[str]]

FOLD = " \\\n  "  # between the pieces of a line that is written on several


def to_line(
    spec: ContainerSpec, unknown: Sequence[str] = (), *, folded: bool = False, say: Say = list
) -> str:
    """The equal ``docker run`` line, quoted for a shell, flags in one fixed order.

    ``unknown`` flags go before the image as they are. ``folded`` puts each flag on its own line.
    """
    pieces = [text for text, _ in line_pieces(spec, unknown, say)]
    return (FOLD if folded else " ").join(pieces)


def line_pieces(
    spec: ContainerSpec, unknown: Sequence[str] = (), say: Say = list
) -> list[tuple[str, bool]]:
    """The line as pieces, a flag each, and whether that is an ``unknown`` one."""
    known = [(shlex.join(say(group)), False) for group in _groups(spec) if group]
    kept = [(shlex.join(say([flag])), True) for flag in unknown]
    return [*known, *kept, (shlex.join(say(_tail(spec))), False)]


def to_flags(spec: ContainerSpec) -> tuple[str, ...]:
    """The flags of ``to_line``, each quoted with its value, without image and command."""
    first, *groups = [group for group in _groups(spec) if group]
    return tuple(shlex.join(group) for group in (first[2:], *groups) if group)


def verb_line(*words: object) -> str:
    """Any other line, quoted: ``verb_line("stop", "-t", 10, "web")``."""
    return shlex.join(["docker", *(str(word) for word in words)])


def _groups(spec: ContainerSpec) -> Iterable[Group]:
    letters = "".join(f.short for f in FLAGS if f.field in _GROUPED and getattr(spec, f.field))
    yield ["docker", "run", *([f"-{letters}"] if letters else [])]
    for flag in FLAGS:
        if flag.field not in _GROUPED:
            yield from _flag_groups(flag, spec)
        if flag.name == "workdir":
            yield from _entrypoint(spec)
        if flag.name == "shm-size":
            yield from _health(spec)


def _flag_groups(flag: Flag, spec: ContainerSpec) -> Iterable[Group]:
    value = getattr(spec, flag.field)
    if flag.field == "networks":
        yield from _networks(spec.networks)
    elif flag.field == "mounts":
        kind = _MOUNT_FLAGS[flag.name]
        yield from ([flag.written, flag.format(m)] for m in spec.mounts if m.flag is kind)
    elif flag.switch and value != _DEFAULTS[flag.field]:
        yield [flag.written if value else f"{flag.written}=false"]
    elif flag.many:
        yield from ([flag.written, flag.format(one)] for one in value)
    elif value != _DEFAULTS[flag.field]:
        yield [flag.written, flag.format(value)]


def _networks(networks: Sequence[NetworkSpec]) -> Iterable[Group]:
    """The first by plain flags, which every docker client has; the others in one word each."""
    for first in networks[:1]:
        if first.driver_options:
            yield ["--network", format_network(first)]
            continue
        yield ["--network", first.name]
        yield from (["--network-alias", alias] for alias in first.aliases)
        yield from ([flag, ip] for flag, ip in (("--ip", first.ip), ("--ip6", first.ip6)) if ip)
        yield from (["--link-local-ip", ip] for ip in first.link_local_ips)
    yield from (["--network", format_network(network)] for network in networks[1:])


def _entrypoint(spec: ContainerSpec) -> Iterable[Group]:
    if spec.entrypoint is not None:
        yield ["--entrypoint", *spec.entrypoint[:1]]


def _health(spec: ContainerSpec) -> Iterable[Group]:
    kind, *words = spec.health_test or ("",)
    if kind == "NONE":
        yield ["--no-healthcheck"]
    elif kind == "CMD-SHELL":
        yield ["--health-cmd", " ".join(words)]
    elif kind == "CMD":
        yield ["--health-cmd", shlex.join(words)]


def _tail(spec: ContainerSpec) -> Group:
    """A line has one word for the entrypoint; its other words come first in the command."""
    image = ["--", spec.image] if spec.image.startswith("-") else [spec.image]
    return [*image, *(spec.entrypoint or ())[1:], *spec.command]
