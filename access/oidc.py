"""Sign-on by OpenID Connect: the authorization code with PKCE, and an ID token that is believed
only after its signature, issuer, audience, times and nonce.

Synchronous, in the request's thread.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from access.errors import Denied
from access.identities import Person
from access.oidc_provider import ProviderError, provider

MINUTES = 10  # between the click on the button and the way back
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-on under way. It stands in a signed cookie of the browser that began it."""

    state: str
    nonce: str
    verifier: str
    next: str
    again: bool = False  # who is logged in proves once more who they are


def begin(back: str, next: str, again: bool = False) -> tuple[str, Begun]:
    """Where to send the browser, and what it keeps. ``back`` is our redirect address."""
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    begun = Begun(state, nonce, secrets.token_urlsafe(48), next, again)
    asked = {"prompt": "login", "max_age": "0"} if again else {}
    return provider().authorization_url(back, state, nonce, begun.verifier, **asked), begun


def finish(back: str, answer: dict[str, str], begun: Begun) -> Person:
    """Who came back with this answer. Raises Denied with a sentence, or ProviderError."""
    at = provider()
    check(answer, begun, at.names_itself)
    token = at.token(back, answer["code"], begun.verifier)
    claims = at.claims(token, begun.nonce)
    proved = float(claims.get("auth_time") or 0)  # of the signed token, never of userinfo
    if settings.OIDC_GROUPS_CLAIM not in claims or not claims.get("preferred_username"):
        claims = {**at.userinfo(token, claims["sub"]), **claims}
    subject, groups = str(claims["sub"]), groups_of(claims)
    return Person(settings.OIDC_ISSUER, subject, name_of(claims), groups, proved)


def check(answer: dict[str, str], begun: Begun, names_itself: bool) -> None:
    """Whether this answers what this browser asked, for the first time."""
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise Denied(_("This sign-on was begun elsewhere, or is over. Log in again."))
    if not cache.add(f"oidc:{begun.state}", True, MINUTES * 60):
        raise Denied(_("This sign-on was used already. Log in again."))
    issuer = answer.get("iss", "")
    if issuer != settings.OIDC_ISSUER and (issuer or names_itself):
        raise Denied(_("The answer is not of the sign-on service that was asked."))
    if error := answer.get("error"):
        words = _("The sign-on service refused: %(error)s")
        raise Denied(words % {"error": (answer.get("error_description") or error)[:300]})
    if not answer.get("code"):
        raise Denied(_("The sign-on service's answer holds no code. Log in again."))


def name_of(claims: Claims) -> str:
    """What a new account is called: never what an account is found by."""
    email = str(claims.get("email") or "").partition("@")[0]
    return str(claims.get("preferred_username") or email or claims["sub"])


def groups_of(claims: Claims) -> frozenset[str]:
    """The groups' names. Raises ProviderError where the provider left them out for their number:
    as if there were none, memberships would end."""
    name = settings.OIDC_GROUPS_CLAIM
    if name in (claims.get("_claim_names") or {}):
        raise ProviderError(
            _("The sign-on service leaves the groups out, because they are too many for it.")
        )
    found = claims.get(name) or []
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list):
        return frozenset()
    return frozenset(group for group in found if isinstance(group, str) and group)
