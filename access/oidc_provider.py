"""The OpenID provider: its metadata, its keys, and what is asked of it, with deadlines."""

import functools
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from access.errors import Denied

DEADLINE_SECONDS = 10
FRESH_SECONDS = 3600.0  # metadata and keys
REST_SECONDS = 3.0  # after a failure
RETRY_SECONDS = 30.0  # an unknown key asks for them again, but not more often
LEEWAY_SECONDS = 60  # two clocks
MOST_BYTES = 2**20
# Signatures with the provider's private key only: never "none", never one by a shared secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
ALGORITHMS += ["ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")
Json = dict[str, Any]
log = logging.getLogger("access")


class ProviderError(Denied):
    """The provider cannot be reached, or answers what cannot be used: 502."""

    status = 502


class Provider:
    """One provider by its issuer. Its metadata and keys are kept for an hour."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._asking = threading.Lock()
        self._kept: dict[str, tuple[float, Json]] = {}
        self._failed: dict[str, tuple[float, str]] = {}

    @property
    def metadata(self) -> Json:
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = self._get(url, FRESH_SECONDS)
        if found.get("issuer") != self.issuer:
            words = _("The sign-on service calls itself %(found)s, and OIDC_ISSUER %(issuer)s.")
            raise ProviderError(words % {"found": found.get("issuer"), "issuer": self.issuer})
        return found

    @property
    def names_itself(self) -> bool:
        return bool(self.metadata.get("authorization_response_iss_parameter_supported"))

    def endpoint(self, name: str) -> str:
        """Raises ProviderError where it has none, or one that anybody may listen to."""
        url = str(self.metadata.get(name) or "")
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            words = _("The sign-on service's %(name)s is no address with https://.")
            raise ProviderError(words % {"name": name})
        return url

    def authorization_url(
        self, back: str, state: str, nonce: str, verifier: str, **asked: str
    ) -> str:
        url, _same = self._client(back).create_authorization_url(
            self.endpoint("authorization_endpoint"),
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            **asked,
        )
        return str(url)

    def token(self, back: str, code: str, verifier: str) -> Json:
        """The token answer for a code."""
        from authlib.integrations.base_client import OAuthError  # noqa: PLC0415  (see _client)

        url = self.endpoint("token_endpoint")
        with self._client(back) as client, told():
            try:
                return dict(client.fetch_token(url, code=code, code_verifier=verifier))
            except OAuthError as error:
                words = _("The sign-on service refused the code: %(error)s")
                text = str(error.description or error.error)[:300]
                raise Denied(words % {"error": text}) from error

    def claims(self, token: Json, nonce: str) -> Json:
        """What the ID token says, once all of it was checked. Raises Denied."""
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415  (see _client)
        from joserfc.errors import JoseError  # noqa: PLC0415

        try:
            signed = self._verified(str(token.get("id_token") or ""))
            options: Any = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
            }
            known = {
                "nonce": nonce,
                "client_id": settings.OIDC_CLIENT_ID,
                "access_token": token.get("access_token"),
            }
            claims = CodeIDToken(signed.claims, signed.header, options, known)
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            words = _("The sign-on service's token cannot be trusted: %(error)s")
            raise Denied(words % {"error": str(error)[:200]}) from error
        return dict(claims)

    def _verified(self, token: str) -> Any:
        """The token with its signature checked; a key that is not known is asked for once."""
        from joserfc import jwt  # noqa: PLC0415  (see _client)
        from joserfc.errors import InvalidKeyIdError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        url = self.endpoint("jwks_uri")
        for age in (FRESH_SECONDS, RETRY_SECONDS):
            keys: Any = self._get(url, age)
            try:
                return jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                if age == RETRY_SECONDS:
                    raise
        raise AssertionError("unreachable")

    def userinfo(self, token: Json, subject: str) -> Json:
        """Further claims of the same person; none where the provider has no such address."""
        if not self.metadata.get("userinfo_endpoint") or not token.get("access_token"):
            return {}
        url = self.endpoint("userinfo_endpoint")
        found = fetched(url, {"Authorization": f"Bearer {token['access_token']}"})
        if found.get("sub") != subject:
            raise Denied(_("The sign-on service tells of two different people."))
        return found

    def logout_url(self, back: str) -> str:
        """Where the provider's own session is ended; "" where it has no such address."""
        if not self.metadata.get("end_session_endpoint"):
            return ""
        url = self.endpoint("end_session_endpoint")
        query = {"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"

    def _client(self, back: str) -> Any:
        # Where it is used: who signs on by password has none of it in memory.
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415

        methods = self.metadata.get("token_endpoint_auth_methods_supported") or []
        posted = methods and "client_secret_basic" not in methods
        client = OAuth2Session(
            settings.OIDC_CLIENT_ID,
            settings.OIDC_CLIENT_SECRET or None,
            token_endpoint_auth_method="client_secret_post"
            if posted and settings.OIDC_CLIENT_SECRET
            else None,
            scope=settings.OIDC_SCOPES,
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=DEADLINE_SECONDS,
        )
        client.max_redirects = 0  # a code and a secret go nowhere else
        return client

    def _get(self, url: str, age: float) -> Json:
        """The JSON at this address, not older than ``age`` seconds.

        Anybody may click on the login's button. So one asks and the others wait for it, and what
        failed is not asked again for a moment: a provider that hangs holds no thread per click.
        """
        if found := self._fresh(url, age):
            return found
        with self._asking:
            if found := self._fresh(url, age):
                return found
            failed_at, words = self._failed.get(url, (0.0, ""))
            if words and time.monotonic() - failed_at < REST_SECONDS:
                raise ProviderError(words)
            try:
                found = fetched(url)
            except ProviderError as error:
                self._failed[url] = (time.monotonic(), error.message)
                raise
            self._kept[url] = (time.monotonic(), found)
            return found

    def _fresh(self, url: str, age: float) -> Json:
        read_at, found = self._kept.get(url, (0.0, {}))
        return found if time.monotonic() - read_at <= age else {}


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong on the way, as a sentence."""
    try:
        yield
    except requests.RequestException as error:
        log.warning("the sign-on service cannot be asked: %s", error)
        words = _("The sign-on service cannot be reached. Try again, or tell an administrator.")
        raise ProviderError(words) from error
    except ValueError as error:
        log.warning("the sign-on service's answer cannot be read: %s", error)
        raise ProviderError(_("The sign-on service's answer cannot be read.")) from error


def fetched(url: str, headers: dict[str, str] | None = None) -> Json:
    """The JSON object at an address: no redirect, at most 1 MiB."""
    with (
        told(),
        requests.get(
            url, headers=headers, timeout=DEADLINE_SECONDS, allow_redirects=False, stream=True
        ) as answer,
    ):
        answer.raise_for_status()
        body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        found = json.loads(body) if len(body) <= MOST_BYTES else None
        if answer.is_redirect or not isinstance(found, dict):
            raise ValueError(f"{url} gives no JSON object")
        return found


@functools.lru_cache(maxsize=4)
def of_issuer(issuer: str) -> Provider:
    return Provider(issuer)


def provider() -> Provider:
    return of_issuer(settings.OIDC_ISSUER)
