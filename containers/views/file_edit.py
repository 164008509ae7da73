"""A text of a container: changed in the browser, compared, and only then put back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from access import door
from access.gate import authorize
from access.targets import ContainerTarget
from containers import actions, copy_out, text_files
from containers.text_files import TextFile
from containers.views.file_pages import asked_path, in_time, path_context
from containers.views.page import page_context
from hosts.live import engine_of
from web import fetch
from web.errors import BadInput
from web.names import by_any_name
from web.request import Request
from web.routes import needs


@needs("container.files_write", "GET", "POST")
@cache_control(no_store=True)
@by_any_name
def file_edit(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The form; posted, what it would change; posted with ``save``, it is changed.

    ``sha256`` is of the file that was edited: where it is another one by now, the comparison is
    with that one, and says so.
    """
    target = fetch.container(request, host, container_id)
    file = current(request, target)
    if request.method != "POST":
        return form(request, target, file, file.text)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if "back" in request.POST:
        return form(request, target, file, text)
    data, moved = file.data(text), request.POST.get("sha256") != file.sha256
    if len(data) > text_files.LARGEST:
        raise BadInput(text_files.no_text(file.path))
    if "save" in request.POST and not moved:
        actions.write_text(request.actor, target, file, data)
        messages.success(request, _("%(path)s is saved.") % {"path": file.path})
        view = reverse("file-view", args=[host, target.id])
        return redirect(f"{view}?{urlencode({'path': file.path})}")
    return comparison(request, target, file, text, moved)


def current(request: Request, target: ContainerTarget) -> TextFile:
    """The file as it is now, for who may also read it; recorded as a look into it."""
    authorize(request.actor, "container.files_read", target)
    engine = engine_of(target.host)
    path, _there = copy_out.resolve(engine.commands, target.id, asked_path(request))
    with door.change(request.actor, "container.files_read", target, path=path, view=True) as look:
        reading = text_files.read(engine, target.id, path)
        file = in_time(reading, _("the file did not come in time."))
        look.fields["bytes"] = len(file.text.encode())
    return file


def form(request: Request, target: ContainerTarget, file: TextFile, text: str) -> HttpResponseBase:
    return render(request, "containers/file_edit.html", about(request, target, file, text))


def comparison(
    request: Request, target: ContainerTarget, file: TextFile, text: str, moved: bool
) -> HttpResponseBase:
    context = about(request, target, file, text) | {
        "moved": moved,
        "changes": text_files.changes(file.text, text),
    }
    status = 409 if moved else 200
    return render(request, "containers/file_compare.html", context, status=status)


def about(request: Request, target: ContainerTarget, file: TextFile, text: str) -> dict[str, Any]:
    context = page_context(request, target, "container-files") | path_context(file.path)
    return context | {"file": file, "text": text, "query": urlencode({"path": file.path})}
