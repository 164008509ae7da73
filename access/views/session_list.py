"""Open sessions: one's own, and those of a person for whoever manages people."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import account_actions, second_factor, sessions
from access.errors import Hidden
from access.models import Login
from access.views.people import person_of
from access.views.tries import worked
from web.request import Request
from web.routes import needs


@needs("signed-in")
def own_sessions(request: Request) -> HttpResponse:
    context = {
        "rows": sessions.rows(request.user, request.actor.session),
        "factor": second_factor.of(request.user),
        "left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "access/sessions.html", context)


@needs("signed-in", "POST")
def end_own(request: Request, login_id: int) -> HttpResponse:
    """One that has ended already is no error: it is what was wanted."""
    login = Login.objects.filter(pk=login_id, user=request.user).first()
    if login is None:
        raise Hidden(_("This session has ended."))
    worked(request, "session.end", session=login.digest[:12])
    sessions.end([login])
    if login.digest == request.actor.session:
        return redirect("login")
    messages.success(request, _("The session is ended; what it had open is closed."))
    return redirect("session-list")


@needs("signed-in", "POST")
def end_others(request: Request) -> HttpResponse:
    others = sessions.others(request, request.user)
    worked(request, "session.end", count=len(others))
    told(request, sessions.end(others))
    return redirect("session-list")


@needs("user.manage", "POST")
def end_all_of(request: Request, user_id: int) -> HttpResponse:
    user = person_of(request, user_id)
    told(request, account_actions.end_sessions(request.actor, user, list(user.logins.all())))
    return redirect("person-rights", user.pk)


@needs("user.manage", "POST")
def end_one_of(request: Request, user_id: int, login_id: int) -> HttpResponse:
    user = person_of(request, user_id)
    found = list(user.logins.filter(pk=login_id))
    if not found:
        raise Hidden(_("This session has ended."))
    told(request, account_actions.end_sessions(request.actor, user, found))
    return redirect("person-rights", user.pk)


def told(request: Request, count: int) -> None:
    words = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
    messages.success(request, words % {"count": count})
