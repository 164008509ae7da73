"""A new volume."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from containers.run_fence import may_go_beyond
from engine.errors import Conflict, Refused
from volumes import actions
from volumes.forms import VolumeForm
from volumes.making import teams_to_own
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped, tell


@needs("volume.create", "GET", "HEAD", "POST")
def volume_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    form = VolumeForm(
        request.POST if request.method == "POST" else None,
        teams=teams_to_own(request.actor, host),
        nobody=request.actor.reaches_all,
        beyond=may_go_beyond(request.actor, host),
    )
    if form.is_valid() and (name := made(request, host, form)):
        tell(request, _("%(name)s was created.") % {"name": name})
        return redirect("volume-detail", host, name)
    context = {"host": host, "form": form}
    status = 422 if form.is_bound else 200
    return shaped(request, "volumes/create.html", "volumes/_form.html", context, status)


def made(request: Request, host: str, form: VolumeForm) -> str:
    """Its name; "" where it was refused, which the form then says at its field."""
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
    except Conflict as error:
        form.add_error("name", error.message)
    except Refused as error:
        form.add_error(None, error.message)
    return ""
