"""People: who there is, what each may do and why."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access import actions, second_factor, sessions
from access.effective import Why, of_person
from access.errors import Hidden
from access.forms import NewPersonForm, PersonForm
from access.gate import may
from access.models import User
from access.targets import SITE, Target
from web import fetch
from web.request import Request
from web.routes import allow, needs


def person_of(request: Request, user_id: int) -> User:
    """Fetch and authorise. Raises Hidden."""
    allow(request, Target("user", str(user_id)))
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Hidden(_("There is no such person."))
    return user


@needs("user.see")
def person_list(request: Request) -> HttpResponse:
    fetch.site(request)
    people = User.objects.prefetch_related("teams").order_by("username")
    context = {"people": people, "may_manage": may(request.actor, "user.manage", SITE)}
    return render(request, "access/people.html", context)


@needs("user.see")
def person_rights(request: Request, user_id: int) -> HttpResponse:
    """What this person can do, and why; ``?format=json`` has the same as data."""
    user = person_of(request, user_id)
    found = of_person(user)
    if request.GET.get("format") == "json":
        return JsonResponse(as_json(user, found))
    context = {
        "person": user,
        "teams": user.teams.all(),
        "tables": tables(found),
        "may_manage": may(request.actor, "user.manage", SITE),
    }
    if context["may_manage"]:
        context |= {
            "factor": second_factor.of(user),
            "rows": sessions.rows(user, request.actor.session),
        }
    return render(request, "access/person.html", context)


def tables(found: list[Why]) -> list[tuple[str, list[Why]]]:
    """By host, "" for what holds everywhere."""
    hosts = dict.fromkeys(why.host for why in found)
    return [(host, [why for why in found if why.host == host]) for host in hosts]


def as_json(user: User, found: list[Why]) -> dict[str, Any]:
    return {
        "person": user.username,
        "active": user.is_active,
        "superuser": user.is_superuser,
        "auditor": user.auditor,
        "teams": [team.slug for team in user.teams.all()],
        "rights": [why.as_json() for why in found],
    }


@needs("user.manage", "GET", "HEAD", "POST")
def person_edit(request: Request, user_id: int) -> HttpResponse:
    user = person_of(request, user_id)
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        actions.save_person(request.actor, user)
        messages.success(request, _("Saved: %(person)s.") % {"person": user.username})
        return redirect("person-rights", user.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "person": user}
    return render(request, "access/person_form.html", context, status=status)


@sensitive_post_parameters()
@needs("user.manage", "GET", "HEAD", "POST")
def person_add(request: Request) -> HttpResponse:
    fetch.site(request)
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        actions.save_person(request.actor, user)
        messages.success(request, _("Added: %(person)s.") % {"person": user.username})
        return redirect("person-rights", user.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "access/person_form.html", {"form": form}, status=status)
