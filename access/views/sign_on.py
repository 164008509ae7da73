"""Sign-on by a service: to it, back from it, and the page after a logout."""

from dataclasses import asdict

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from access import oidc, sign_on
from access.errors import Denied, Hidden
from access.oidc_provider import ProviderError, provider
from web.addresses import own_path, public_url
from web.request import Request
from web.routes import needs

SALT = "sign-on"


@needs("public", "GET")
def sign_on_begin(request: Request) -> HttpResponse:
    """To the provider. What was asked is kept in a cookie: Lax, for one comes back from there."""
    if not settings.OIDC_ISSUER:
        raise Hidden(_("Sign-on by a service is not set up here."))
    wanted = own_path(request, request.GET.get("next", ""))
    url, begun = oidc.begin(back(), wanted, request.GET.get("again") == "1")
    response = redirect(url)
    response.set_cookie(
        cookie_name(),
        signing.dumps(asdict(begun), salt=SALT),
        max_age=oidc.MINUTES * 60,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@needs("public", "GET")
def sign_on_back(request: Request) -> HttpResponse:
    """Back from the provider. The cookie is good for one answer, whatever comes of it."""
    if not settings.OIDC_ISSUER:
        raise Hidden(_("Sign-on by a service is not set up here."))
    try:
        begun = begun_in(request)
        person = oidc.finish(back(), request.GET.dict(), begun)
        (sign_on.confirm if begun.again else sign_on.enter)(request, person)
        response: HttpResponse = redirect(begun.next)
    except Denied as denied:
        response = failed(request, denied)
    response.delete_cookie(cookie_name())
    return response


def begun_in(request: HttpRequest) -> oidc.Begun:
    kept = request.COOKIES.get(cookie_name(), "")
    try:
        return oidc.Begun(**signing.loads(kept, salt=SALT, max_age=oidc.MINUTES * 60))
    except (signing.BadSignature, TypeError) as error:
        raise Denied(_("This sign-on was begun elsewhere, or is over. Log in again.")) from error


def failed(request: HttpRequest, denied: Denied) -> HttpResponse:
    """Why, with the way to try again: that address itself is used up."""
    context = {"message": denied.message, "again": reverse("login")}
    return render(request, "access/sign_on_failed.html", context, status=denied.status)


@needs("public")
def signed_out(request: Request) -> HttpResponse:
    """After a logout of who signed on elsewhere: the session there is another one."""
    if request.actor.signed_in:
        return redirect("overview")
    link = settings.PROXY_LOGOUT_URL if settings.PROXY_USER_HEADER else ""
    if settings.OIDC_ISSUER:
        try:
            link = provider().logout_url(public_url() + reverse("signed-out"))
        except ProviderError:
            link = ""
    return render(request, "access/signed_out.html", {"link": link, "name": settings.OIDC_NAME})


def back() -> str:
    return public_url() + reverse("sign-on-back")


def cookie_name() -> str:
    return "__Host-wharfinger-sign-on" if settings.SECURE else "wharfinger-sign-on"
