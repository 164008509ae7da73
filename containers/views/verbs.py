"""One verb on one container: POST does it; what cuts somebody off is confirmed by a GET first."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.targets import ContainerTarget, Target
from containers import actions, removals
from containers.belongings import Belongings, belongings
from containers.verb_forms import LONGEST_STOP, KillForm, RemoveForm, RenameForm, TimeoutForm
from engine.types import ContainerRow
from web import fetch
from web.addresses import way_back
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import Step, done, is_fragment, shaped, tell
from web.states import state_words

CHANGED = "containers-changed"
PATIENCE = (LONGEST_STOP + 30) * 1000  # ms that a browser waits for a stop


@needs("container.start", "POST")
def start(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    actions.start(request.actor, target)
    return said(request, target, _("%(name)s was started."))


@needs("container.pause", "POST")
def pause(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    actions.pause(request.actor, target)
    step = undo(request, target, "unpause")
    return said(request, target, _("%(name)s was paused."), step)


@needs("container.unpause", "POST")
def unpause(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    actions.unpause(request.actor, target)
    return said(request, target, _("%(name)s goes on."))


@needs("container.stop", "GET", "HEAD", "POST")
@by_any_name
def stop(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    form = TimeoutForm(sent(request), row=row_of(target))
    if not form.is_valid():
        return ask(request, target, form, _("Stop %(name)s?"), _("Stop"), pending=_("Stopping…"))
    actions.stop(request.actor, target, **form.cleaned_data)
    return said(request, target, _("%(name)s was stopped."), undo(request, target, "start"))


@needs("container.restart", "GET", "HEAD", "POST")
@by_any_name
def restart(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    form = TimeoutForm(sent(request), row=row_of(target))
    if not form.is_valid():
        return ask(
            request, target, form, _("Restart %(name)s?"), _("Restart"), pending=_("Restarting…")
        )
    actions.restart(request.actor, target, **form.cleaned_data)
    return said(request, target, _("%(name)s was restarted."))


@needs("container.kill", "GET", "HEAD", "POST")
@by_any_name
def kill(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    form = KillForm(sent(request), row=row_of(target))
    if not form.is_valid():
        return ask(request, target, form, _("Send a signal to %(name)s?"), _("Send"))
    actions.kill(request.actor, target, **form.cleaned_data)
    return said(request, target, _("The signal was sent to %(name)s."))


@needs("container.rename", "GET", "HEAD", "POST")
@by_any_name
def rename(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    form = RenameForm(sent(request), row=row_of(target))
    if not form.is_valid():
        title = _("Rename %(name)s")
        return ask(request, target, form, title, _("Rename"), harmless=True)
    actions.rename(request.actor, target, **form.cleaned_data)
    new, step = form.cleaned_data["name"], undo(request, target, "rename", name=target.name)
    return said(request, target, _("%(name)s is called %(new)s now."), step, new=new)


@needs("container.remove", "GET", "HEAD", "POST")
@by_any_name
def remove(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    row = row_of(target)
    goes = belongings(row, fetch.sight(request, host).containers.values())
    form = RemoveForm(sent(request), row=row, goes=goes)
    if not form.is_valid():
        warning = _("It is running and will be killed.") if row.running else ""
        objects = [{"name": row.name, "detail": state_words(row)}, *listed(goes)]
        more = {"warning": warning, "pending": _("Removing…")}
        shown = objects if row.running or len(objects) > 1 else []
        title = _("Remove %(name)s?")
        return ask(request, target, form, title, _("Remove"), objects=shown, **more)
    actions.remove(request.actor, target, **form.cleaned_data)
    return gone(request, target)


def row_of(target: ContainerTarget) -> ContainerRow:
    assert target.row is not None
    return target.row


def sent(request: Request) -> QueryDict | None:
    """What was posted; None for a GET, which makes an unbound form."""
    return request.POST if request.method == "POST" else None


def ask(
    request: Request,
    target: ContainerTarget,
    form: forms.Form | None,
    title: str,
    verb: str,
    **more: Any,
) -> HttpResponse:
    """The confirmation: a dialog for htmx, a page for everybody else."""
    back = way_back(request, detail_url(target))
    context = {
        "title": title % {"name": target.name},
        "action": request.path,
        "verb": verb,
        "form": form,
        "back": back,
        "hidden": [("next", back)],
        "patience": PATIENCE,
        "about": f"c-{target.id}",
        **more,
    }
    status = 422 if form is not None and form.is_bound else 200
    return shaped(request, "confirm.html", "_confirm.html", context, status)


def listed(goes: Belongings) -> list[dict[str, str]]:
    """The volumes and paths of a container, each with what becomes of it."""
    named, anonymous = _("named volume, stays"), _("anonymous volume, removed if ticked")
    shared, bind = _("used by another container, stays"), _("directory of the host, stays")
    return [
        *({"name": m.name[:12], "detail": anonymous} for m in goes.anonymous),
        *({"name": m.name[:12], "detail": shared} for m in goes.shared),
        *({"name": m.name, "detail": named} for m in goes.named),
        *({"name": m.source, "detail": bind} for m in goes.binds),
    ]


def said(
    request: Request,
    target: ContainerTarget,
    message: str,
    step: Step | None = None,
    **words: str,
) -> HttpResponse:
    text = message % {"name": target.name, **words}
    back = way_back(request, detail_url(target))
    return done(request, CHANGED, text, back, step, host=target.host, ids=[target.id])


def undo(request: Request, target: ContainerTarget, verb: str, **fields: str) -> Step | None:
    """What was done the other way round, for who may; nothing starts what went with its end."""
    ended = verb == "start" and row_of(target).auto_remove
    if ended or not may(request.actor, f"container.{verb}", target):
        return None
    address = reverse(f"container-{verb}", args=[target.host, target.id])
    return Step(address, _("Undo"), list(fields.items()))


def gone(request: Request, target: ContainerTarget) -> HttpResponse:
    """After a removal: on to the list from the container's own pages, which are no more."""
    base, back = detail_url(target), reverse("container-list", args=[target.host])
    text, step = _("%(name)s was removed.") % {"name": target.name}, again(request, target)
    if is_fragment(request) and base in request.headers.get("HX-Current-URL", ""):
        tell(request, text, step)
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    before = way_back(request, back)
    back = back if base in before else before
    return done(request, CHANGED, text, back, step, host=target.host, ids=[target.id])


def again(request: Request, target: ContainerTarget) -> Step | None:
    """The form filled with its settings, for who may run one like it."""
    removed = removals.find(target.host, target.id)
    may_run = may(request.actor, "container.create", Target("container", "", "", target.host))
    if removed is None or not may_run or not may(request.actor, removals.RIGHT, removed.target):
        return None
    return Step(removals.address(target.host, target.id), _("Create again…"))


def detail_url(target: ContainerTarget) -> str:
    return reverse("container-detail", args=[target.host, target.id])
