"""Teams: who belongs to them, and what they may do where."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import actions, shares
from access.errors import Hidden
from access.forms import TeamForm
from access.gate import may
from access.models import Team
from access.targets import SITE, Target
from web import fetch
from web.request import Request
from web.routes import allow, needs
from web.shape import shaped


def team_of(request: Request, slug: str) -> Team:
    """Fetch and authorise. Raises Hidden."""
    allow(request, Target("team", slug, slug))
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Hidden(_("There is no such team."))
    return team


@needs("team.see")
def team_list(request: Request) -> HttpResponse:
    fetch.site(request)
    teams = Team.objects.annotate(
        people=Count("members", distinct=True), given=Count("grants", distinct=True)
    )
    return render(request, "access/teams.html", {"teams": teams} | managing(request))


@needs("team.see")
def team_detail(request: Request, slug: str) -> HttpResponse:
    team = team_of(request, slug)
    context = {
        "team": team,
        "members": team.members.order_by("username"),
        "grants": team.grants.select_related("host"),
        "quotas": shares.of_team(team),
    }
    return render(request, "access/team.html", context | managing(request))


def managing(request: Request) -> dict[str, Any]:
    """What else the person may do here."""
    return {
        "may_manage": may(request.actor, "team.manage", SITE),
        "may_grant": may(request.actor, "grant.manage", SITE),
    }


@needs("team.manage", "GET", "HEAD", "POST")
def team_add(request: Request) -> HttpResponse:
    fetch.site(request)
    return edit(request, Team())


@needs("team.manage", "GET", "HEAD", "POST")
def team_edit(request: Request, slug: str) -> HttpResponse:
    return edit(request, team_of(request, slug))


def edit(request: Request, team: Team) -> HttpResponse:
    form = TeamForm(request.POST or None, instance=team)
    if request.method == "POST" and form.is_valid():
        actions.save_team(request.actor, team, list(form.cleaned_data["members"]))
        messages.success(request, _("Saved: %(team)s.") % {"team": team})
        return redirect("team-detail", team.slug)
    status = 422 if request.method == "POST" else 200
    return render(request, "access/team_form.html", {"form": form, "team": team}, status=status)


@needs("team.manage", "GET", "HEAD", "POST")
def team_remove(request: Request, slug: str) -> HttpResponse:
    team = team_of(request, slug)
    if request.method == "POST":
        actions.remove_team(request.actor, team)
        messages.success(request, _("Removed: %(team)s.") % {"team": team})
        return redirect("team-list")
    grants = team.grants.count()
    text = ngettext(
        "%(count)d grant ends with it. Its containers stay, and belong to nobody.",
        "%(count)d grants end with it. Its containers stay, and belong to nobody.",
        grants,
    )
    context = {
        "title": _("Remove the team %(team)s?") % {"team": team},
        "text": text % {"count": grants},
        "action": request.path,
        "verb": _("Remove"),
        "back": reverse("team-detail", args=[team.slug]),
    }
    return shaped(request, "confirm.html", "_confirm.html", context)
