"""One image: tags, configuration, layers and who uses it; and all that the engine knows of it."""

from collections import OrderedDict
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from access.secrets import masked, masked_env, masked_text
from access.targets import ImageTarget
from engine.engine import Engine
from engine.errors import EngineDown, EngineSilent
from engine.types import Layer
from hosts.live import engine_of
from images.forms import TagForm
from images.layer_bars import steps
from images.views.page import page_context
from web import fetch, inspected
from web.errors import sentence
from web.names import image_by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped

MOST_KEPT = 200
# By host and image id, for what an image is made of never changes: (inspect, history).
_kept: "OrderedDict[tuple[str, str], tuple[dict[str, Any], list[Layer]]]" = OrderedDict()


@needs("image.see")
@image_by_any_name
def image_detail(request: Request, host: str, image_id: str) -> HttpResponseBase:
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-detail") | {"form": TagForm()}
    return render(request, "images/overview.html", context)


@needs("image.see")
@image_by_any_name
def image_overview(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """The body, which asks the engine once for each image."""
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-detail") | {"form": TagForm()}
    context |= body(target)
    return shaped(request, "images/overview.html", "images/_overview.html", context)


def body(target: ImageTarget) -> dict[str, Any]:
    engine = engine_of(target.host)
    assert target.row is not None
    try:
        inspect, history = made_of(engine, target)
    except (EngineDown, EngineSilent) as error:
        return {"whole": True, "engine_error": sentence(error)}
    config = inspect.get("Config") or {}
    made = steps(history, target.row, engine.mirror.snapshot)
    return {
        "whole": True,
        "inspect": inspect,
        "config": config,
        "command": masked_text(" ".join(config.get("Cmd") or [])),
        "entrypoint": masked_text(" ".join(config.get("Entrypoint") or [])),
        "env": masked_env(config.get("Env") or []),
        "ports": list(config.get("ExposedPorts") or {}),
        "volumes": list(config.get("Volumes") or {}),
        "labels": [
            (name, masked_text(masked(name, value)))
            for name, value in sorted((config.get("Labels") or {}).items())
        ],
        "platform": f"{inspect.get('Os', '')}/{inspect.get('Architecture', '')}",
        "steps": made,
        "written": sum(bool(step.layer.size) for step in made),
    }


def made_of(engine: Engine, target: ImageTarget) -> tuple[dict[str, Any], list[Layer]]:
    key = (target.host, target.id)
    if key not in _kept:
        commands = engine.commands
        _kept[key] = (commands.inspect_image(target.id), commands.history(target.id))
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[key]


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
