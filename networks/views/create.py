"""A new network."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.names import teams_to_own
from containers.run_fence import may_go_beyond
from engine.errors import Conflict, Refused
from networks import actions
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
        teams=teams_to_own(request.actor, host),
        nobody=request.actor.reaches_all,
        beyond=may_go_beyond(request.actor, host),
    )
    if form.is_valid() and (id := made(request, host, form)):
        plan = form.plan
        tell(request, _("%(name)s was created.") % {"name": plan.name})
        return redirect("network-detail", host, id)
    context = {"host": host, "form": form}
    status = 422 if form.is_bound else 200
    return shaped(request, "networks/create.html", "networks/_form.html", context, status)


def made(request: Request, host: str, form: NetworkForm) -> str:
    """Its id; "" where it was refused, which the form then says at its field."""
    team = form.cleaned_data.get("team")
    reason = form.cleaned_data.get("beyond_fence", "")
    try:
        slug = team.slug if team else ""
        return actions.create(request.actor, host, form.plan, slug, reason)
    except (Hidden, StepUpNeeded):
        raise
    except Denied as error:
        refusals = error.breaches if isinstance(error, Fenced) else [("", error.message)]
        for field, words in refusals:
            form.add_error(field if field in form.fields else None, words)
        for words in error.remedies if isinstance(error, Fenced) else ():
            form.add_error(None, words)
    except (Conflict, Refused) as error:
        form.add_error("name" if "already exists" in error.message else None, error.message)
    return ""
