"""API tokens: one's own, and for a superuser everybody's. A token itself opens none of these."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from access import token_changes
from access.errors import Hidden
from access.gate import may
from access.models import ApiToken
from access.rights import RIGHTS
from access.targets import SITE, Target
from access.token_forms import TokenForm
from hosts import live
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("signed-in")
def token_list(request: Request) -> HttpResponse:
    mine = ApiToken.objects.filter(user=request.user).select_related("user")
    context = {"tokens": shown(mine), "others": may(request.actor, token_changes.RIGHT, SITE)}
    return render(request, "access/tokens.html", context)


@needs("token.manage")
def token_list_all(request: Request) -> HttpResponse:
    fetch.site(request)
    tokens = ApiToken.objects.select_related("user").order_by("user__username", "-pk")
    return render(request, "access/tokens.html", {"tokens": shown(tokens), "everybody": True})


def shown(rows: Any) -> list[tuple[ApiToken, list[tuple[str, Any]]]]:
    """Each with its rights and their titles, those that stand first."""
    listed = [(row, [(n, RIGHTS[n].title) for n in row.rights if n in RIGHTS]) for row in rows]
    return sorted(listed, key=lambda each: each[0].over)


@sensitive_variables("secret")
@needs("signed-in", "GET", "HEAD", "POST")
def token_add(request: Request) -> HttpResponse:
    """The answer to the form is the only place where the secret ever stands."""
    form = TokenForm(request.POST or None, request.user, hosts_of(request))
    if request.method == "POST" and form.is_valid():
        row, secret = token_changes.make(request.actor, **form.cleaned_data)
        response = render(request, "access/token_made.html", {"token": row, "secret": secret})
    else:
        status = 422 if request.method == "POST" else 200
        response = render(request, "access/token_form.html", {"form": form}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def hosts_of(request: Request) -> list[str]:
    slugs = live.slugs()
    return [s for s in slugs if may(request.actor, "host.see", Target("host", s, s, s))]


def may_end(request: Request, row: ApiToken) -> bool:
    return may(request.actor, token_changes.RIGHT, token_changes.target_of(row))


@needs("signed-in", "GET", "HEAD", "POST")
def token_end(request: Request, token_id: int) -> HttpResponse:
    row = ApiToken.objects.select_related("user").filter(pk=token_id).first()
    known = row is not None and may(
        request.actor, token_changes.RIGHT, token_changes.target_of(row)
    )
    if row is None or not known or row.over:
        raise Hidden(_("There is no such token, or it has ended already."))
    back = reverse("token-list" if row.user_id == request.user.pk else "token-list-all")
    if request.method == "POST":
        token_changes.end(request.actor, row)
        messages.success(request, _("Ended: the token %(name)s.") % {"name": row.name})
        return redirect(back)
    context = {
        "title": _("End the token %(name)s?") % {"name": row.name},
        "text": _("What uses it gets no answer any more. This cannot be undone."),
        "action": request.path,
        "verb": _("End it"),
        "back": back,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)
