"""Filters for sizes and spans of time."""

import stat

from django import template

from web.sizes import size_text, span_text

register = template.Library()


@register.filter
def size(count: float | None) -> str:
    """Bytes → ``12.3 MiB``; nothing for None."""
    return "" if count is None else size_text(count)


@register.filter
def span(seconds: float | None) -> str:
    """Seconds → ``3:07``; nothing for None."""
    return "" if seconds is None else span_text(seconds)


@register.filter
def filemode(mode: int) -> str:
    """Mode bits → ``-rw-r--r--``."""
    return stat.filemode(mode)
