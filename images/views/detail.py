"""One image: tags, configuration, layers and who uses it; and all that the engine knows of it."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from access.targets import ImageTarget
from engine.errors import EngineDown, EngineSilent
from engine.snapshot import Snapshot
from hosts.live import engine_of
from images.contents import contents_of
from images.forms import TagForm
from images.layer_bars import steps, stretches
from images.page import page_context
from web import fetch, inspected
from web.names import image_by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("image.see")
@image_by_any_name
def image_detail(request: Request, host: str, image_id: str) -> HttpResponseBase:
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-detail") | {"form": TagForm()}
    return render(request, "images/overview.html", context)


@needs("image.see")
@image_by_any_name
def image_head(request: Request, host: str, image_id: str) -> HttpResponseBase:
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-detail") | {"form": TagForm()}
    return shaped(request, "images/overview.html", "images/_head.html", context)


@needs("image.see")
@image_by_any_name
def image_overview(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """The body, which asks the engine once for each image."""
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-detail") | {"form": TagForm()}
    context |= body(target, context["snapshot"])
    return shaped(request, "images/overview.html", "images/_overview.html", context)


def body(target: ImageTarget, snapshot: Snapshot) -> dict[str, Any]:
    assert target.row is not None
    try:
        found = contents_of(target.host, target.id)
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": error.message}
    made = steps(found.history, target.row, snapshot)
    return {
        "whole": True,
        "contents": found,
        "stretches": stretches(made),
        "written": sum(bool(step.layer.size) for step in made),
    }


@needs("image.see")
@image_by_any_name
def image_inspect(request: Request, host: str, image_id: str) -> HttpResponseBase:
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-inspect") | inspected.asked(request)
    return render(request, "images/inspect.html", context)


@needs("image.see")
@image_by_any_name
def image_inspect_tree(request: Request, host: str, image_id: str) -> HttpResponseBase:
    target = fetch.image(request, host, image_id)
    asked = inspected.asked(request)
    context = page_context(request, target, "image-inspect") | asked
    commands = engine_of(host).commands
    context |= inspected.answer(lambda: commands.inspect_image(target.id), asked["q"], asked["raw"])
    return shaped(request, "images/inspect.html", "_inspect.html", context)


@needs("image.see")
def image_by_reference(request: Request, host: str) -> HttpResponse:
    """``?ref=nginx:stable`` goes on to the image's page."""
    image = fetch.known(host).mirror.find_image(request.GET.get("ref", ""))
    target = fetch.image(request, host, image.id if image else "")
    return redirect("image-detail", host, target.id)
