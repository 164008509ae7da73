"""Remove a network, say whose it is, and let containers come into it and leave it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.gate import may
from access.targets import ContainerTarget, NetworkTarget
from engine.types import ContainerRow
from networks import actions
from networks.forms import JoinForm, NetworkHoldersForm
from networks.joining import told_by
from networks.usable import NOT_JOINED, users_of
from networks.views.page import detail_url, row_of
from web import fetch
from web.addresses import way_back
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import done, is_fragment, shaped, tell

CHANGED = "networks-changed"


@needs("network.remove", "GET", "HEAD", "POST")
def network_remove(request: Request, host: str, network_id: str) -> HttpResponse:
    target = fetch.network(request, host, network_id)
    if request.method != "POST":
        return ask_removal(request, target)
    actions.remove(request.actor, target)
    base, back = detail_url(target), reverse("network-list", args=[host])
    text = _("%(name)s was removed.") % {"name": target.name}
    if is_fragment(request) and base in request.headers.get("HX-Current-URL", ""):
        tell(request, text)
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return done(request, CHANGED, text, back, host=host, ids=[target.id])


def ask_removal(request: Request, target: NetworkTarget) -> HttpResponse:
    """What is in the way is named; the engine's own are not removed at all."""
    row = row_of(target)
    users = users_of(row, fetch.sight(request, target.host))
    running = any(user.running for user in users)
    warning = _("Running containers are in it: disconnect them first.") if running else ""
    if row.predefined:
        warning = _("It is the engine's own: it cannot be removed.")
    return ask(
        request,
        target,
        title=_("Remove %(name)s?") % {"name": target.name},
        verb="" if warning else _("Remove"),
        warning=warning,
        objects=[{"name": user.name, "detail": user.status} for user in users],
        text=_("Containers that are stopped in it will not start again.") if users else "",
    )


@needs("container.connect", "GET", "HEAD", "POST")
def network_connect(request: Request, host: str, network_id: str) -> HttpResponse:
    target = fetch.network(request, host, network_id)
    if target.name in NOT_JOINED:
        words = _("A container is made in %(name)s, or never comes into it.")
        raise BadInput(words % {"name": target.name}, 409)
    choices = {row.id: row for row in joiners(request, target)}
    form = JoinForm(sent(request), [(row.id, row.name) for row in choices.values()])
    if form.is_valid():
        container = ContainerTarget.of(host, choices[form.cleaned_data["container"]])
        with told_by(form):
            actions.connect(request.actor, container, target, form.wanted)
            text = _("%(name)s is in %(network)s now.")
            return joined(request, target, container, text)
    title = _("Connect a container to %(name)s") % {"name": target.name}
    return ask(request, target, form, title=title, verb=_("Connect"), harmless=True)


def joiners(request: Request, target: NetworkTarget) -> list[ContainerRow]:
    """Those that this person may connect and that are not in it yet, by name."""
    rows = fetch.sight(request, target.host).containers.values()
    found = (
        row
        for row in rows
        if target.name not in row.networks
        and may(request.actor, actions.CONNECT, ContainerTarget.of(target.host, row))
    )
    return sorted(found, key=lambda row: row.name.casefold())


@needs("container.disconnect", "GET", "HEAD", "POST")
def network_disconnect(request: Request, host: str, network_id: str) -> HttpResponse:
    """``container`` is its full id."""
    target = fetch.network(request, host, network_id)
    asked = (request.POST or request.GET).get("container", "")
    row = fetch.sight(request, host).containers.get(asked)
    if row is None and (asked or request.method == "POST"):
        absent = _("There is no container %(name)s on %(host)s.")
        raise Hidden(absent % {"name": asked[:12], "host": host})
    if row is None:
        raise BadInput(_("Say which container, as ?container=…."))
    container = ContainerTarget.of(host, row)
    if request.method == "POST":
        actions.disconnect(request.actor, container, target)
        text = _("%(name)s is not in %(network)s any more.")
        return joined(request, target, container, text)
    words = {"name": row.name, "network": target.name}
    return ask(
        request,
        target,
        title=_("Disconnect %(name)s from %(network)s?") % words,
        text=_("It goes on running; nobody in this network reaches it there any more."),
        verb=_("Disconnect"),
        hidden=[("container", row.id)],
    )


def joined(
    request: Request, target: NetworkTarget, container: ContainerTarget, text: str
) -> HttpResponse:
    words = text % {"name": container.name, "network": target.name}
    return done(request, CHANGED, words, detail_url(target), host=target.host, ids=[target.id])


@needs("grant.manage", "POST")
def network_give(request: Request, host: str, network_id: str) -> HttpResponse:
    target = fetch.network(request, host, network_id)
    form = NetworkHoldersForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Teams: choose among those that there are."))
    actions.give(request.actor, target, **form.cleaned_data)
    text = _("Saved: whose %(name)s is.") % {"name": target.name}
    return done(request, CHANGED, text, detail_url(target), host=host, ids=[target.id])


def sent(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def ask(
    request: Request, target: NetworkTarget, form: forms.Form | None = None, **more: Any
) -> HttpResponse:
    """The question as a dialog for htmx, a page for everybody else."""
    back = way_back(request, detail_url(target))
    hidden = [("next", back), *more.pop("hidden", [])]
    context = {"action": request.path, "back": back, "hidden": hidden, "form": form, **more}
    status = 422 if form is not None and form.is_bound else 200
    return shaped(request, "confirm.html", "_confirm.html", context, status)
