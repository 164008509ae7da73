"""Two-step login: the code after the password; set up, turned off, and reset by a superuser."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access import account_actions, devices, second_factor, second_step, step_up, throttle
from access.errors import TooSoon
from access.factor_forms import CodeForm, TurnOffForm
from access.models import User
from access.views.account import enter, way_back
from access.views.people import person_of
from access.views.tries import denied, failed, waited, worked
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import shaped


@sensitive_post_parameters()
@needs("public", "GET", "HEAD", "POST")
def log_in_code(request: Request) -> HttpResponse:
    """The second step of a login: only for whoever gave the right password just now."""
    user = second_step.waiting(request)
    if user is None:
        messages.warning(request, _("The password comes first, and the code within five minutes."))
        return redirect(f"{reverse('login')}?{urlencode({'next': way_back(request)})}")
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        counters = throttle.of_code(user.pk, devices.known(request, user.username))
        try:
            with throttle.judged(counters) as attempt:
                by = second_factor.accepts(user, form.cleaned_data["code"])
                if by:
                    attempt.was_right()
        except TooSoon as too_soon:
            denied(request, "session.login", too_soon, user.username)
            form, error = CodeForm(), too_soon
        else:
            if by:
                second_step.over(request)
                return enter(request, user, by)
            failed(request, "session.login", "wrong code", user.username)
            form.add_error("code", _("This code is not right, or was used before."))
    return code_page(request, form, error)


def code_page(request: Request, form: CodeForm, error: TooSoon | None) -> HttpResponse:
    context = {"form": form, "error": error.message if error else ""}
    status = error.status if error else 422 if request.method == "POST" else 200
    response = render(request, "access/code.html", context, status=status)
    return waited(response, error) if error else response


@sensitive_post_parameters()
@needs("logged-in", "GET", "HEAD", "POST")
def second_factor_page(request: Request) -> HttpResponse:
    """How it stands; or the QR code, and the form that takes the app's first code."""
    factor = second_factor.of(request.user)
    if factor is not None:
        return standing(request, TurnOffForm())
    step_up.require(request.actor)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = taken(request, form.cleaned_data["code"])
        if codes is not None:
            return shown_once(request, codes)
        form.add_error("code", _("This is not the code that the app shows now."))
    return set_up(request, form, 422 if request.method == "POST" else 200)


def taken(request: Request, code: str) -> list[str] | None:
    with throttle.judged(throttle.of_proof(request.user.pk)) as attempt:
        codes = second_factor.confirm(request.user, code)
        if codes is not None:
            attempt.was_right()
            worked(request, "user.second_factor", now=True)
    return codes


def set_up(request: Request, form: CodeForm, status: int) -> HttpResponse:
    secret = second_factor.begin(request.user)
    address = second_factor.address_of(request.user, secret)
    context = {
        "form": form,
        "asked": second_factor.owed(request.user, request.session),
        "picture": second_factor.picture_of(address),
        "address": address,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return kept_nowhere(render(request, "access/second_factor_new.html", context, status=status))


def standing(
    request: Request, form: TurnOffForm, status: int = 200, error: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "error": error,
        "factor": second_factor.of(request.user),
        "left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "access/second_factor.html", context, status=status)


def shown_once(request: Request, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": way_back(request)}
    return kept_nowhere(render(request, "access/recovery_codes.html", context))


def kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters()
@needs("logged-in", "POST")
def turn_off(request: Request) -> HttpResponse:
    """By the password and a code together: neither a stolen phone nor a stolen password does."""
    if second_factor.of(request.user) is None:
        raise BadInput(_("Two-step login is off already."), 409)
    form = TurnOffForm(request.POST)
    if not form.is_valid():
        return standing(request, form, 422)
    user = request.user
    try:
        good = proved_both(user, form.cleaned_data["password"], form.cleaned_data["code"])
    except TooSoon as error:
        denied(request, "user.second_factor", error)
        return waited(standing(request, TurnOffForm(), error.status, error.message), error)
    if not good:
        failed(request, "user.second_factor", "wrong password or code")
        return standing(request, form, 422, _("The password or the code is not right."))
    worked(request, "user.second_factor", was=True, now=False)
    second_factor.forget(user)
    messages.success(request, _("Two-step login is off."))
    return redirect(
        "second-factor" if second_factor.owed(user, request.session) else "session-list"
    )


def proved_both(user: User, password: str, code: str) -> bool:
    """Raises TooSoon. A code is used up only beside the right password."""
    with throttle.judged(throttle.of_proof(user.pk)) as attempt:
        if user.check_password(password) and second_factor.accepts(user, code):
            attempt.was_right()
    return attempt.good


@needs("logged-in", "POST")
def new_codes(request: Request) -> HttpResponse:
    """New recovery codes; the old ones are void."""
    step_up.require(request.actor)
    if second_factor.of(request.user) is None:
        raise BadInput(_("Set up two-step login first."), 409)
    worked(request, "user.recovery_codes")
    return shown_once(request, second_factor.new_recovery_codes(request.user))


@needs("user.manage", "GET", "HEAD", "POST")
def reset_of(request: Request, user_id: int) -> HttpResponse:
    """Take the second factor of somebody who lost it; they log in by the password alone then."""
    user = person_of(request, user_id)
    if user.pk == request.user.pk:
        raise BadInput(_("Turn off your own on your account's page: it asks for a code."), 409)
    step_up.require(request.actor)
    if request.method == "POST":
        account_actions.reset_second_factor(request.actor, user)
        messages.success(request, _("Reset: %(person)s.") % {"person": user.username})
        return redirect("person-rights", user.pk)
    context = {
        "title": _("Reset two-step login of %(person)s?") % {"person": user.username},
        "text": _("Make sure that it is them who ask: afterwards the password alone is enough."),
        "action": request.path,
        "verb": _("Reset"),
        "back": reverse("person-rights", args=[user.pk]),
    }
    return shaped(request, "confirm.html", "_confirm.html", context)
