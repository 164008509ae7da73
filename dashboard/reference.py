"""The reference of rights and routes, written from the code that enforces them."""

from collections.abc import Iterator
from typing import Any

from django.utils import translation

from access.rights import RIGHTS
from audit.events import EVENTS
from dashboard.sockets import websocket_routes
from web.routes import patterns

HEAD = """# Reference

Written by `manage.py reference` from the code that enforces it; a test compares the two.

## Rights

A right, the action that needs it and its event in the audit log are one string. `read` changes
nothing, `change` changes one object, `host` may lead to the host itself or to secrets.

| right | title | danger |
|---|---|---|
"""
EVENTS_HEAD = """
## Events that are no right

What the audit log notes beside them.

| event | when |
|---|---|
"""
ROUTES = """
## Routes

`public` needs no login; `operation`: each operation of the API has its own, see below; `signed-in`
concerns one's own account and nothing of an engine; `logged-in` is that, also before a second
factor that is required is set up.

| address | name | right | methods |
|---|---|---|---|
"""
API = """
## Operations of the JSON API

`signed-in` needs a token or a login and concerns oneself. `docs/api.md` says how to use them.

| operation | name | right |
|---|---|---|
"""
SOCKETS = """
## Sockets

| address | right |
|---|---|
"""


def reference() -> str:
    """The whole page as Markdown, in English."""
    with translation.override("en"):
        parts = (
            HEAD,
            rights(),
            EVENTS_HEAD,
            events(),
            ROUTES,
            routes(),
            API,
            operations(),
            SOCKETS,
            sockets(),
        )
        return "".join("".join(part) for part in parts)


def rights() -> Iterator[str]:
    for right in RIGHTS.values():
        yield f"| `{right.name}` | {right.title} | {right.danger.value} |\n"


def events() -> Iterator[str]:
    for event, when in EVENTS.items():
        yield f"| `{event}` | {when} |\n"


def routes() -> Iterator[str]:
    for address, entry in patterns():
        view: Any = entry.callback
        methods = " ".join(method for method in view.methods if method != "HEAD")
        yield f"| `/{address}` | {entry.name} | `{view.right}` | {methods} |\n"


def operations() -> Iterator[str]:
    from dashboard.api import document  # noqa: PLC0415  (heavy, and not part of every start)

    for path, methods in document()["paths"].items():
        for method, each in methods.items():
            yield f"| `{method.upper()} {path}` | {each['operationId']} | `{each['x-right']}` |\n"


def sockets() -> Iterator[str]:
    for route in websocket_routes():
        yield f"| `/{route.pattern}` | `{route.callback.consumer_class.right}` |\n"
