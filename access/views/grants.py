"""Grants: given to a team, changed, ended."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from access import actions
from access.book import rule_of
from access.effective import covers
from access.errors import Hidden
from access.forms import GrantForm
from access.models import Grant
from access.rights import RIGHTS
from access.roles import RIGHTS_OF, Role
from access.targets import Target
from access.views.teams import team_of
from web.request import Request
from web.routes import allow, needs
from web.shape import shaped


def grant_of(request: Request, grant_id: int) -> Grant:
    """Fetch and authorise. Raises Hidden."""
    allow(request, Target("grant", str(grant_id)))
    grant = Grant.objects.select_related("team", "host").filter(pk=grant_id).first()
    if grant is None:
        raise Hidden(_("There is no such grant: it may have been ended."))
    return grant


@needs("grant.manage", "GET", "HEAD", "POST")
def grant_add(request: Request, slug: str) -> HttpResponse:
    return edit(request, Grant(team=team_of(request, slug)))


@needs("grant.manage", "GET", "HEAD", "POST")
def grant_edit(request: Request, grant_id: int) -> HttpResponse:
    return edit(request, grant_of(request, grant_id))


def edit(request: Request, grant: Grant) -> HttpResponse:
    form = GrantForm(request.POST or None, instance=grant)
    if request.method == "POST" and form.is_valid():
        actions.save_grant(request.actor, grant)
        messages.success(request, _("Saved: grant %(number)d.") % {"number": grant.pk})
        return redirect("team-detail", grant.team.slug)
    context = {
        "form": form,
        "grant": grant,
        "team": grant.team,
        "roles": [
            (role.label, [RIGHTS[name].title for name in RIGHTS if name in RIGHTS_OF[role]])
            for role in Role
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "access/grant_form.html", context, status=status)


@needs("grant.manage", "GET", "HEAD", "POST")
def grant_end(request: Request, grant_id: int) -> HttpResponse:
    grant = grant_of(request, grant_id)
    back = reverse("team-detail", args=[grant.team.slug])
    if request.method == "POST":
        actions.end_grant(request.actor, grant)
        messages.success(request, _("The grant has ended."))
        return redirect(back)
    context = {
        "title": _("End this grant?"),
        "text": _("Shells and logs that are open through it are closed within seconds."),
        "objects": [{"name": f"{grant.team}: {grant.get_role_display()}", "detail": detail(grant)}],
        "action": request.path,
        "verb": _("End it"),
        "back": back,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def detail(grant: Grant) -> str:
    return f"{grant.host_id} · {covers(rule_of(grant))}"
