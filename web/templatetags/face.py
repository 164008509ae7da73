"""Tags of the face: icons, form fields, and the words that scripts show."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from engine.types import ContainerRow
from web.explained import meaning
from web.states import Chip, chip_of, state_words
from web.strings import script_strings

register = template.Library()


@register.simple_tag
@cache  # a page shows thirty, and the hashed address of the file does not change
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprites. Decoration only: the control beside it has the words."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        css,
        static("icons-more.svg" if name in more_icons() else "icons.svg"),
        name,
    )


@cache
def more_icons() -> frozenset[str]:
    """Those that neither the frame of a page nor the list of containers has: a file of their own,
    so that the most visited page is light."""
    sprite = (Path(settings.BASE_DIR) / "static" / "icons-more.svg").read_text()
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite))


@register.simple_tag
def moment(value: datetime | None, shape: str = "ago") -> SafeString:
    """A ``<time>`` that ``app.js`` words in the reader's zone. ``shape``: ago, for, clock, full.

    Without JavaScript it reads as date and time in the site's zone.
    """
    if value is None:
        return mark_safe('<span class="dash">&ndash;</span>')
    return format_html(
        '<time datetime="{}" data-time="{}">{}</time>',
        value.replace(microsecond=0).isoformat(),  # six digits that no packing makes shorter
        shape,
        date_format(timezone.localtime(value), "Y-m-d H:i:s"),
    )


@register.inclusion_tag("_fresh.html")
def fresh() -> dict[str, datetime]:
    """That what the page shows follows by itself, or since when it does not."""
    return {"now": timezone.now()}


@register.filter
def meant(sentence: str) -> str:
    """What a sentence of the engine means, "" where nothing is known: to stand below it."""
    return meaning(sentence)


@register.filter
def chip(row: ContainerRow) -> Chip:
    """A container's state for ``_chip.html``."""
    return chip_of(row)


@register.filter
def state(row: ContainerRow) -> str:
    """A container's state in words: Healthy, Exited (137)."""
    return state_words(row)


@register.filter
def in_menu(request: HttpRequest | str) -> bool:
    """Whether the answer opens at its button (``#row-menu``) instead of in the dialog: either may
    still hold an older one, so that ids differ."""
    return isinstance(request, HttpRequest) and request.headers.get("HX-Target") == "div#row-menu"


@register.simple_tag
def strings() -> SafeString:
    """The JSON block ``#strings``: the words that scripts show, in the page's language."""
    return json_script(script_strings(), "strings")


@register.inclusion_tag("_form_field.html")
def field(bound: BoundField, label: str = "", help: str = "", css: str = "") -> dict[str, Any]:
    """A form field with label, help and errors, tied together for screen readers."""
    ids = []
    text = help or bound.help_text
    if text:
        ids.append(f"{bound.auto_id}-help")
    if bound.errors:
        ids.append(f"{bound.auto_id}-error")
    attributes: dict[str, str | bool] = {}
    if ids:
        attributes["aria-describedby"] = " ".join(ids)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    widget = bound.field.widget
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attributes),
        "label": label or bound.label,
        "help": text,
        "css": css,
        "tick": isinstance(widget, CheckboxInput),
        "group": isinstance(widget, RadioSelect),
    }
