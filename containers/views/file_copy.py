"""From this container into another: a form, and the job that carries it."""

import posixpath
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from access.actors import Actor
from access.gate import may
from access.targets import ContainerTarget
from containers import copy_across
from containers.copy_form import CopyForm
from containers.views.file_pages import asked_path
from engine.errors import Conflict, NotFound, Refused
from hosts.live import engine_of, slugs
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped


@needs("container.files_read", "GET", "HEAD", "POST")
@by_any_name
def file_copy(request: Request, host: str, container_id: str) -> HttpResponseBase:
    source = fetch.container(request, host, container_id)
    path = asked_path(request)
    sent = request.POST if request.method == "POST" else None
    first = {"directory": posixpath.dirname(path), "to": f"{host}/{source.id}"}
    form = CopyForm(sent, targets=writable(request.actor), initial=first)
    if not form.is_valid():
        return ask(request, source, path, form)
    wanted = copy_across.Wanted(
        source,
        path,
        form.cleaned_data["to"],
        form.cleaned_data["directory"],
        form.cleaned_data["conflict"],
    )
    try:
        job = copy_across.start(request.actor, wanted)
    except (NotFound, Refused, Conflict) as error:
        form.refuse(error.message)
        return ask(request, source, path, form)
    page = reverse("job-detail", args=[job.id])
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return redirect(page)


def writable(actor: Actor) -> list[ContainerTarget]:
    """Every container that the actor may write into, by host and name."""
    rows = ((slug, row) for slug in slugs() for row in snapshot_rows(slug))
    targets = [ContainerTarget.of(slug, row) for slug, row in rows]
    return [target for target in targets if may(actor, copy_across.KIND_NAME, target)]


def snapshot_rows(slug: str) -> list[Any]:
    rows = engine_of(slug).mirror.snapshot.containers.values()
    return sorted(rows, key=lambda row: row.name)


def ask(request: Request, source: ContainerTarget, path: str, form: CopyForm) -> HttpResponse:
    query = urlencode({"path": path})
    files = reverse("container-files", args=[source.host, source.id])
    context = {
        "title": _("Copy %(name)s") % {"name": posixpath.basename(path) or source.name},
        "text": _("Folders go with all in them; devices and links that lead out stay behind."),
        "action": f"{request.path}?{query}",
        "verb": _("Copy"),
        "harmless": True,
        "form": form,
        "back": f"{files}?{urlencode({'path': posixpath.dirname(path)})}",
    }
    status = 422 if form.is_bound else 200
    return shaped(request, "confirm.html", "_confirm.html", context, status)
