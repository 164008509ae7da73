"""Whose a container is, and who can do what to it."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from access.effective import who_can
from access.gate import may
from access.ownership import team_of
from containers import actions
from containers.verb_forms import OwnerForm
from containers.views.page import page_context
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs


@needs("user.see")
@by_any_name
def container_access(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-access") | {
        "table": who_can(target),
        "owner": team_of(host, target.id),
        "form": OwnerForm(initial={"team": team_of(host, target.id)}),
        "may_give": may(request.actor, "grant.manage", target),
    }
    return render(request, "containers/access.html", context)


@needs("grant.manage", "POST")
def container_give(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    form = OwnerForm(request.POST)
    if form.is_valid():
        team = form.cleaned_data["team"]
        actions.give(request.actor, target, team)
        words = _("%(name)s belongs to %(team)s now.") if team else _("%(name)s is nobody's now.")
        messages.success(request, words % {"name": target.name, "team": team})
    return redirect("container-access", host, target.id)
