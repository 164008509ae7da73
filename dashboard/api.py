"""The JSON API as a whole: mounts each feature's ``api.py`` under ``/api/v1``.

Imported with the first request to it (``dashboard.api_door``): a server that nobody asks by API
does not carry it.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLResolver
from django.urls.resolvers import RegexPattern
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from access.rights import SIGNED_IN
from audit.api import audit
from containers.api import containers, image_files
from dashboard.api_hosts import hosts
from dashboard.api_schema import described
from events.api import events
from images.api import images
from jobs.api import jobs
from networks.api import networks
from pruning.api import pruning
from volumes.api import volumes
from web.operations import Operations
from web.problems import problem

BASE = "/api/v1"
about = Operations("about")
FEATURES = (
    about,
    hosts,
    containers,
    images,
    image_files,
    networks,
    volumes,
    jobs,
    pruning,
    events,
    audit,
)


class Parsed(Parser):
    """The body was read and judged before (``api_door.body_of``)."""

    def parse_body(self, request: HttpRequest) -> Any:
        return getattr(request, "sent", None)


@about.get("/openapi.json", SIGNED_IN, dict[str, Any])
def openapi(request: HttpRequest) -> Any:
    """This document."""
    return JsonResponse(document())


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return described(dict(api().get_openapi_schema(path_prefix=f"{BASE.strip('/')}/")))


@cache
def api() -> NinjaAPI:
    made = NinjaAPI(
        title="Wharfinger",
        version=settings.VERSION,
        description="Docker on a shared host: what the pages do, for programs.",
        openapi_url=None,
        docs_url=None,
        parser=Parsed(),
        urls_namespace="api-v1",
    )
    for feature in FEATURES:
        made.add_router("", feature.router)
    made.add_exception_handler(ValidationError, invalid)
    made.add_exception_handler(HttpError, failed)
    need_rights(made)
    return made


@cache
def routes() -> URLResolver:
    return URLResolver(RegexPattern(r"^"), list(api().urls[0]))


def need_rights(made: NinjaAPI) -> None:
    """No operation without a right: nothing of the API answers where one is missing."""
    bare = [operation.operation_id for operation in operations(made) if not right_of(operation)]
    if bare:
        raise ImproperlyConfigured(f"Operations without a right: {bare}. Use web.operations.")


def operations(made: NinjaAPI) -> list[Any]:
    return [
        operation
        for bound in made._get_bound_routers()
        for view in bound.path_operations.values()
        for operation in view.operations
    ]


def right_of(operation: Any) -> str:
    return getattr(operation.view_func, "right", "")


def invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """What a schema refused, with the name of each field."""
    errors = [(field_of(each["loc"]), str(each["msg"])) for each in error.errors]
    return problem(request, 422, _("Some fields are wrong."), errors)


def field_of(place: tuple[Any, ...]) -> str:
    """``("body", "spec", "ports", 0)`` is ``ports.0``: where it stands in what was sent."""
    kind, *steps = place
    if kind == "body":
        return ".".join(map(str, steps[1:])) or "body"
    return ".".join(map(str, steps)) or str(kind)


def failed(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, error.status_code, str(error))
