"""Sizes and spans of time as a person reads them: IEC units, the language's own decimal mark."""

from django.utils.formats import number_format

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_text(count: float) -> str:
    """``0 B``, ``12.3 MiB``, ``123 MiB``: three digits at least, never more than one decimal."""
    size, unit = float(count), 0
    while abs(size) >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    decimals = 1 if unit and abs(size) < 99.95 else 0
    return f"{number_format(round(size, decimals), decimals)} {UNITS[unit]}"


def span_text(seconds: float) -> str:
    """``8 s``, ``3:07``, ``1:02:03``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
