"""Log in and out, the one-time set-up, one's own password and looks."""

from urllib.parse import urlencode

from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access import (
    devices,
    door,
    languages,
    second_factor,
    second_step,
    sessions,
    setup,
    step_up,
    throttle,
)
from access.actors import Actor
from access.errors import Hidden, TooSoon
from access.forms import AppearanceForm, SetUpForm
from access.identities import KEPT
from access.models import User
from access.views.tries import account, denied, failed, waited, worked
from web.addresses import own_path
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped


@sensitive_post_parameters("password")
@needs("public", "GET", "HEAD", "POST")
def log_in(request: Request) -> HttpResponse:
    """The same answer and the same work for a name that nobody has: Django hashes for it, too."""
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method != "POST":
        inside = request.actor.signed_in
        return redirect(way_back(request)) if inside else login_page(request, form, 200)
    name = request.POST.get("username", "")[:150]
    both = name and request.POST.get("password")
    address = request.META.get("REMOTE_ADDR", "")
    try:
        device = devices.known(request, name)
        with throttle.judged(throttle.of_login(name, address, device) if both else []) as attempt:
            if form.is_valid():
                attempt.was_right()
    except TooSoon as error:
        denied(request, "session.login", error, named(name))
        empty = AuthenticationForm(request, initial={"username": name})
        return waited(login_page(request, empty, error.status, error.message), error)
    if form.is_valid():
        return after_password(request, form.get_user())
    failed(request, "session.login", "wrong name or password", named(name))
    return login_page(request, form, 422)


def named(typed: str) -> str:
    """What the record says was tried: "?" where it is no account's name, for people type their
    password into the wrong field."""
    known = "\0" not in typed and User.objects.filter(username=typed).exists()
    return typed if known else "?"


def login_page(
    request: Request, form: AuthenticationForm, status: int, error: str = ""
) -> HttpResponse:
    context = {"form": form, "setup": setup.needed(), "error": error}
    return render(request, "access/login.html", context, status=status)


def after_password(request: Request, user: User) -> HttpResponse:
    if second_factor.of(user) is None:
        return enter(request, user, "password")
    second_step.begin(request, user)
    query = urlencode({"next": way_back(request)})
    return redirect(f"{reverse('login-code')}?{query}")


def enter(request: Request, user: User, by: str) -> HttpResponse:
    """All was right: log in, with a session key that nobody had before."""
    login(request, user)
    step_up.confirm(request)
    with sessions.only_recorded(request):
        worked(request, "session.login", by=by)
    back = way_back(request)
    if second_factor.owed(user, request.session):
        back = f"{reverse('second-factor')}?{urlencode({'next': back})}"
    response = redirect(back)
    devices.remember(request, response, user)
    return response


@needs("logged-in", "POST")
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
        step_up.confirm(request)
        door.note(
            Actor.of_request(request), "user.create", account(user.username), reason="set-up link"
        )
        return redirect("overview")
    status = 422 if request.method == "POST" else 200
    return render(request, "access/setup.html", {"form": form}, status=status)


@sensitive_post_parameters()
@needs("signed-in", "GET", "HEAD", "POST")
def change_password(request: Request) -> HttpResponse:
    """Ends the person's other sessions: who knows the old password is out."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method != "POST":
        return render(request, "access/password.html", {"form": form})
    try:
        with throttle.judged(throttle.of_proof(request.user.pk)) as attempt:
            if form.is_valid() or "old_password" not in form.errors:
                attempt.was_right()
    except TooSoon as error:
        denied(request, "user.password", error)
        context = {"form": PasswordChangeForm(request.user), "error": error.message}
        answer = render(request, "access/password.html", context, status=error.status)
        return waited(answer, error)
    if form.is_valid():
        return password_changed(request, form)
    if not attempt.good:
        failed(request, "user.password", "wrong old password")
    return render(request, "access/password.html", {"form": form}, status=422)


def password_changed(request: Request, form: PasswordChangeForm) -> HttpResponse:
    form.save()
    update_session_auth_hash(request, request.user)
    sessions.touch(request, request.user)
    step_up.confirm(request)
    ended = sessions.end(sessions.others(request, request.user))
    worked(request, "user.password", sessions_ended=ended)
    response = redirect("overview")
    devices.remember(request, response, request.user)
    return response


@needs("public", "POST")
def language(request: Request) -> HttpResponse:
    """Of a browser where nobody is logged in; whoever is about to be keeps it as their own."""
    chosen = request.POST.get("language", "")
    if not languages.known(chosen):
        raise BadInput(_("language: this site does not speak it."))
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return languages.keep(redirect(way_back(request)), chosen)


@needs("signed-in", "POST")
def appearance(request: Request) -> HttpResponse:
    form = AppearanceForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=422, content_type="text/plain")
    form.save()
    answer = HttpResponse(status=204) if is_fragment(request) else redirect(way_back(request))
    chosen = form.cleaned_data.get("language")
    return languages.keep(answer, chosen) if chosen else answer


@needs("signed-in")
def keys(request: Request) -> HttpResponse:
    """The keys that lists and pages know, for the page's dialog and as a page."""
    return shaped(request, "access/keys.html", "access/_keys.html", {})


def way_back(request: Request) -> str:
    """Where to go on: the ``next`` of this site, else the overview."""
    return own_path(request, request.POST.get("next") or request.GET.get("next", ""))
