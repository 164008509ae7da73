"""All that the engine knows of one container, as a tree or as JSON, searched on the server."""

from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from access.secrets import masked_json
from access.targets import ContainerTarget
from containers.views.page import page_context
from engine.errors import EngineDown, EngineSilent, NotFound
from hosts.live import engine_of
from web import fetch, inspected
from web.inspect_compare import MOST, differences
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.see")
@by_any_name
def container_inspect(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-inspect") | inspected.asked(request)
    return render(request, "containers/inspect.html", context)


@needs("container.see")
@by_any_name
def container_inspect_tree(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    asked = inspected.asked(request)
    commands = engine_of(host).commands
    context = page_context(request, target, "container-inspect") | asked
    context |= inspected.answer(
        lambda: commands.inspect_container(target.id), asked["q"], asked["raw"]
    )
    return shaped(request, "containers/inspect.html", "_inspect.html", context)


@needs("container.see")
@by_any_name
def container_compare(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """``?with=NAME``: another container that the person may see; without it, the image."""
    target = fetch.container(request, host, container_id)
    name = request.GET.get("with", "").strip()[:200]
    sight = fetch.sight(request, host)
    context = page_context(request, target, "container-inspect")
    context |= {"name": name, "rows": sorted(row.name for row in sight.containers.values())[:MOST]}
    try:
        found = list(islice(compared(request, target, name), MOST + 1))
    except NotCompared as problem:
        context["problem"] = str(problem)
    except (EngineDown, EngineSilent, NotFound) as error:
        context["problem"] = error.message
    else:
        context |= {"found": found[:MOST], "more": len(found) > MOST, "most": MOST}
    return render(request, "containers/compare.html", context)


class NotCompared(Exception):
    """What there is nothing to compare with, as a sentence."""


def compared(request: Request, target: ContainerTarget, name: str) -> Any:
    """Both sides masked first: two secrets that differ look the same."""
    sight, commands = fetch.sight(request, target.host), engine_of(target.host).commands
    if name:
        row = sight.find_container(name)
        if row is None:
            words = _("There is no container %(name)s here that you may see.")
            raise NotCompared(words % {"name": name})
        asked = (commands.inspect_container(target.id), commands.inspect_container(row.id))
        return differences(*(masked_json(one) for one in asked))
    image_id = target.row.image_id if target.row else ""
    if image_id not in sight.images:
        raise NotCompared(_("Its image is not here, or not yours to see."))
    ours = commands.inspect_container(target.id).get("Config") or {}
    its = commands.inspect_image(image_id).get("Config") or {}
    return differences(masked_json({"Config": ours}), masked_json({"Config": its}))
