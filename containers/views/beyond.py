"""Beyond the fence: with a reason and the password, into a container that reaches its host."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from access.beyond import passes
from access.dangers import dangers
from containers import actions
from containers.verb_forms import BeyondForm
from containers.views.verbs import ask, row_of, said, sent
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs


@needs("container.beyond_fence", "GET", "HEAD", "POST")
def beyond(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    row = row_of(target)
    if not dangers(row):
        raise BadInput(_("%(name)s is within the fence.") % {"name": target.name}, 409)
    form = BeyondForm(sent(request), row=row)
    if not form.is_valid():
        title = _("Go beyond the fence with %(name)s?")
        warning = _("It reaches its host: %(why)s. For an hour you may start and enter it.")
        words = warning % {"why": ", ".join(dangers(row))}
        return ask(request, target, form, title, _("Go on"), warning=words)
    actions.go_beyond(request.actor, target, form.cleaned_data["reason"])
    return said(request, target, _("You may start and enter %(name)s for an hour."))


@needs("container.beyond_fence", "POST")
def back(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    if passes.reason(request.actor, host, target.id):
        actions.come_back(request.actor, target)
    return said(request, target, _("%(name)s is beyond the fence again."))
