"""A new network."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.names import teams_to_own
from containers.run_fence import may_go_beyond
from networks import actions, making
from networks.forms import NetworkForm
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped, tell


@needs("network.create", "GET", "HEAD", "POST")
def network_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    form = NetworkForm(
        request.POST if request.method == "POST" else None,
        teams=teams_to_own(request.actor, host, making.CREATE),
        nobody=request.actor.reaches_all,
        beyond=may_go_beyond(request.actor, host),
    )
    if form.is_valid():
        plan = form.plan
        if id := form.made(partial(actions.create, request.actor, host, plan)):
            tell(request, _("%(name)s was created.") % {"name": plan.name})
            return redirect("network-detail", host, id)
    context = {"host": host, "form": form}
    status = 422 if form.is_bound else 200
    return shaped(request, "networks/create.html", "networks/_form.html", context, status)
