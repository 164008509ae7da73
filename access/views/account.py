"""Log in and out, the one-time set-up, one's own password and looks."""

from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access import door, setup
from access.actors import Actor
from access.errors import Hidden
from access.forms import AppearanceForm, SetUpForm
from access.identities import KEPT
from access.targets import Target
from audit.models import Result
from web.request import Request
from web.routes import needs
from web.shape import is_fragment


@sensitive_post_parameters("password")
@needs("public", "GET", "HEAD", "POST")
def log_in(request: Request) -> HttpResponse:
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            login(request, form.get_user())
            door.note(Actor.of_request(request), "session.login", account(request.user.username))
            return redirect(way_back(request))
        tried = account(request.POST.get("username", "")[:150])
        door.note(
            request.actor, "session.login", tried, Result.DENIED, reason="wrong name or password"
        )
    status = 422 if request.method == "POST" else 200
    return render(
        request, "access/login.html", {"form": form, "setup": setup.needed()}, status=status
    )


@needs("signed-in", "POST")
def log_out(request: Request) -> HttpResponse:
    door.note(request.actor, "session.logout", account(request.user.username))
    elsewhere = KEPT in request.session
    logout(request)
    return redirect("signed-out" if elsewhere else "login")


@sensitive_post_parameters()
@needs("public", "GET", "HEAD", "POST")
def set_up(request: Request, token: str) -> HttpResponse:
    if not setup.good(token):
        raise Hidden(_("This set-up link is used up or too old: restart the server for a new one."))
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = setup.use(token, form.cleaned_data["username"], form.cleaned_data["password1"])
        if user is None:
            raise Hidden(_("This set-up link was used by somebody else just now."))
        login(request, user)
        door.note(
            Actor.of_request(request), "user.create", account(user.username), reason="set-up link"
        )
        return redirect("overview")
    status = 422 if request.method == "POST" else 200
    return render(request, "access/setup.html", {"form": form}, status=status)


@sensitive_post_parameters()
@needs("signed-in", "GET", "HEAD", "POST")
def change_password(request: Request) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        door.note(Actor.of_request(request), "user.password", account(request.user.username))
        return redirect("overview")
    status = 422 if request.method == "POST" else 200
    return render(request, "access/password.html", {"form": form}, status=status)


@needs("signed-in", "POST")
def appearance(request: Request) -> HttpResponse:
    form = AppearanceForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=422, content_type="text/plain")
    form.save()
    if is_fragment(request):
        return HttpResponse(status=204)
    return redirect(way_back(request))


def account(username: str) -> Target:
    return Target("user", username, username)


def way_back(request: Request) -> str:
    """Where to go on: the ``next`` of this site, else the overview."""
    address = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else "/"
