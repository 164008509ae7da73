"""Sizes, durations and CPU counts as the command line writes them, both ways. Pure."""

import re
from decimal import Decimal, InvalidOperation

from engine.sentences import BadValue, gettext_noop

_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?) ?(?P<unit>[kmgtp]?)i?b?", re.IGNORECASE | re.ASCII)
_SIZE_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}

_PART = re.compile(r"(?P<number>\d+(\.\d*)?|\.\d+)(?P<unit>ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_NANOSECONDS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_MICRO = ("µs", "μs")

BAD_SIZE = gettext_noop("“%(value)s” is not a size: write a number with b, k, m or g, as 512m.")
BAD_DURATION = gettext_noop(
    "“%(value)s” is not a duration: write a number with ms, s, m or h, as 30s or 1m30s."
)
BAD_CPUS = gettext_noop("“%(value)s” is not a number of CPUs: write a number, as 1.5.")


def parse_size(text: str) -> int:
    """Bytes of ``512m``, ``1.5g``, ``1024``; binary units. BadValue if it is no size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise BadValue(BAD_SIZE, value=text)
    return int(Decimal(match["number"]) * _SIZE_UNITS[match["unit"].lower()])


def format_size(size: int) -> str:
    """The shortest exact way to write ``size`` bytes: ``512m``."""
    for unit, factor in reversed(_SIZE_UNITS.items()):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def parse_swap(text: str) -> int:
    """As ``parse_size``, and -1 for no limit."""
    return -1 if text.strip() == "-1" else parse_size(text)


def format_swap(size: int) -> str:
    return "-1" if size == -1 else format_size(size)


def parse_duration(text: str) -> int:
    """Nanoseconds of ``1m30s``, ``500ms``, ``0``. BadValue if it is no duration."""
    text = text.strip()
    if text == "0":
        return 0
    total, end = Decimal(0), 0
    for part in _PART.finditer(text):
        if part.start() != end:
            break
        unit = "us" if part["unit"] in _MICRO else part["unit"]
        total += Decimal(part["number"]) * _NANOSECONDS[unit]
        end = part.end()
    if not text or end != len(text):
        raise BadValue(BAD_DURATION, value=text)
    return int(total)


def format_duration(nanoseconds: int) -> str:
    """``1m30s``: whole parts only, so that nothing is rounded."""
    if nanoseconds == 0:
        return "0s"
    parts = []
    for unit, factor in _NANOSECONDS.items():
        count, nanoseconds = divmod(nanoseconds, factor)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def parse_cpus(text: str) -> int:
    """Billionths of a CPU of ``1.5``. BadValue if it is no number, or finer than that."""
    try:
        nano = Decimal(text.strip()) * 10**9
    except InvalidOperation:
        raise BadValue(BAD_CPUS, value=text) from None
    if not nano.is_finite() or nano < 0 or nano != nano.to_integral_value():
        raise BadValue(BAD_CPUS, value=text)
    return int(nano)


def format_cpus(nano_cpus: int) -> str:
    return f"{Decimal(nano_cpus) / 10**9:f}"
