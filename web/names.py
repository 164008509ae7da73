"""Names and short ids in addresses: a GET goes on to the full id, after the gate; else 404."""

import functools
import re
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from web import fetch
from web.request import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, str, str, P], HttpResponseBase]
_FULL = re.compile(r"[0-9a-f]{64}")


def by_any_name(view: View[P]) -> View[P]:
    """Under ``needs``, over a view of (request, host, container_id): redirect to the full id."""

    @functools.wraps(view)
    def named(
        request: Request, host: str, container_id: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if _FULL.fullmatch(container_id) or request.method not in ("GET", "HEAD"):
            return view(request, host, container_id, *args, **kwargs)
        row = fetch.known(host).mirror.find_container(container_id)
        target = fetch.container(request, host, row.id if row else container_id)
        return redirect(same_page(request, container_id=target.id))

    return cast(View[P], named)


def same_page(request: Request, **changed: Any) -> str:
    """The address of this page with other arguments, its query kept."""
    match = request.resolver_match
    assert match is not None
    address = reverse(match.view_name, kwargs={**match.kwargs, **changed})
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def image_by_any_name(view: View[P]) -> View[P]:
    """Under ``needs``, over a view of (request, host, image_id): a short id goes on to the full."""

    @functools.wraps(view)
    def named(
        request: Request, host: str, image_id: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if _FULL.fullmatch(image_id) or request.method not in ("GET", "HEAD"):
            return view(request, host, image_id, *args, **kwargs)
        row = fetch.known(host).mirror.find_image(image_id)
        target = fetch.image(request, host, row.id if row else image_id)
        return redirect(same_page(request, image_id=target.id))

    return cast(View[P], named)
