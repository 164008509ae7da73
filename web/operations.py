"""Operations of the JSON API: each names its right where it is declared, or is refused there.

Imports django-ninja, which weighs 11 MiB: imported by the features' ``api.py`` only, which are
loaded with the first request to ``/api/``.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.http.response import HttpResponseBase
from ninja import Router, Schema

from access.rights import RIGHTS, SIGNED_IN
from web.request import Request
from web.routes import Unchecked

View = TypeVar("View", bound=Callable[..., Any])


class Out(Schema):
    """What the API answers."""


class In(Schema):
    """What a program sends: JSON's own types, and no field that nobody knows."""

    model_config = {"extra": "forbid", "strict": True}


class Operations:
    """One feature's part of the API. ``answer`` is a schema, or None for an empty answer."""

    def __init__(self, tag: str) -> None:
        self.router = Router(tags=[tag])

    def get(self, path: str, right: str, answer: Any, **more: Any) -> Callable[[View], View]:
        return self.add("GET", path, right, {200: answer}, **more)

    def post(self, path: str, right: str, answers: Any, **more: Any) -> Callable[[View], View]:
        return self.add("POST", path, right, answers, **more)

    def delete(self, path: str, right: str, answers: Any, **more: Any) -> Callable[[View], View]:
        return self.add("DELETE", path, right, answers, **more)

    def add(
        self, method: str, path: str, right: str, answers: dict[int, Any], **more: Any
    ) -> Callable[[View], View]:
        """``more`` is ``openapi``: what the schema says on top."""
        if right not in RIGHTS and right != SIGNED_IN:
            raise ValueError(f"There is no right {right!r}: declare it in access/rights.py.")

        def decorate(view: View) -> View:
            guarded = guard(view, right)
            words = (view.__doc__ or view.__name__).strip()
            self.router.add_api_operation(
                path,
                [method],
                guarded,
                response=answers,
                operation_id=view.__name__,
                summary=words.splitlines()[0],
                description=words,
                openapi_extra={"x-right": right, **more.get("openapi", {})},
            )
            return view

        return decorate


def guard(view: Callable[..., Any], right: str) -> Callable[..., Any]:
    """As ``web.routes.needs``: the view asks the gate through ``web.fetch``, or never answers."""

    @functools.wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> Any:
        request.right, request.checked = right, right == SIGNED_IN
        answer = view(request, *args, **kwargs)
        failed = isinstance(answer, HttpResponseBase) and answer.status_code >= 400
        if not request.checked and not failed:
            raise Unchecked(f"{view.__module__}.{view.__name__} never asked the gate.")
        return answer

    guarded.right = right  # type: ignore[attr-defined]
    return guarded


def streamed(*types: str, ranges: bool = False) -> dict[str, Any]:
    """What the document says of an answer that is no JSON of ours; ``ranges``: or a part of it."""
    content = {name: {"schema": {"type": "string"}} for name in types}
    whole = {"description": "OK", "content": content}
    parts = {206: whole | {"description": "Partial Content"}, 416: {"description": "No such range"}}
    return {"responses": {200: whole, **(parts if ranges else {})}}
