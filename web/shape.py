"""Page or fragment: one view serves both from one context."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html

from access import shown_lines

LONGEST_SHOWN = 2000  # bytes of a line in a header: proxies refuse long ones
# Verbs of the command line that take any number of names at their end.
FOR_SEVERAL = frozenset({"start", "stop", "restart", "kill", "pause", "unpause", "rm", "rmi"})
QUOTES = frozenset("'\"\\")
Fields = Sequence[tuple[str, str]]


class Step(NamedTuple):
    """What may come next: a link, or, with ``fields`` (there may be none), what is posted there."""

    address: str
    words: str
    fields: Fields | None = None

    @property
    def told(self) -> dict[str, Any]:
        """As a message's part for ``toasts.js``."""
        found: dict[str, Any] = {"url": self.address, "action": self.words}
        return found if self.fields is None else {**found, "fields": list(self.fields)}

    @property
    def html(self) -> str:
        """For a page without scripts: there the button of the form ``#next`` has one field."""
        if self.fields is None:
            return format_html('<a class="link" href="{}">{}</a>', self.address, self.words)
        if len(self.fields) > 1:
            return ""
        name, value = self.fields[0] if self.fields else ("", "")
        button = '<button class="btn s" form="next" formaction="{}" name="{}" value="{}">{}'
        return format_html(button + "</button>", self.address, name, value, self.words)


def is_fragment(request: HttpRequest) -> bool:
    """True where htmx asks for a part of the page (htmx 4: HX-Request-Type: partial)."""
    return request.headers.get("HX-Request") == "true" and (
        request.headers.get("HX-Request-Type", "partial") == "partial"
    )


def shaped(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the fragment for htmx and the page for everybody else."""
    response = render(request, fragment if is_fragment(request) else page, context, status=status)
    response["Vary"] = "HX-Request, HX-Request-Type, Cookie"
    return response


def done(
    request: HttpRequest,
    event: str,
    message: str,
    back: str,
    step: Step | None = None,
    **detail: Any,
) -> HttpResponse:
    """After a change: the past-tense event and a toast for htmx; else a redirect that says so.
    Either has the equal command line of what was done, and the ``step`` that may come next."""
    if not is_fragment(request):
        tell(request, message, step)
        return redirect(back)
    toast = {"level": "ok", "message": message, "command_line": shown_line()}
    if step is not None:
        toast |= step.told
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({event: detail, "toast": toast})
    return response


def tell(request: HttpRequest, message: str, step: Step | None = None) -> None:
    """What the next page says of what was done, with the equal command line."""
    if step is not None:
        message = format_html("{} {}", message, step.html)
    messages.success(request, message, extra_tags=shown_line())


def equal_line() -> str:
    """Of what this request has done: several lines where the command line has no one for all."""
    return "\n".join(merged(shown_lines.lines()))


def shown_line() -> str:
    """The same; "" where it is too long to be said in a header."""
    text = equal_line()
    return text if len(json.dumps(text)) <= LONGEST_SHOWN else ""


def merged(lines: Sequence[str]) -> list[str]:
    """One verb on several objects is one line: ``docker stop a b``."""
    found: dict[str, list[str]] = {}
    for line in lines:
        head, _, name = line.rpartition(" ")
        several = head.split(" ")[1:2] if "\n" not in line else []
        if several and several[0] in FOR_SEVERAL and not QUOTES & set(line):
            found.setdefault(head, []).append(name)
        else:
            found.setdefault(line, [])
    return [" ".join([head, *names]) for head, names in found.items()]
