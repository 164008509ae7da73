"""A small client of the registry protocol (v2): catalogue, tags, manifests. Reads only.

It talks to one registry and to the token server that belongs to it, to nobody else: redirects to
another host are refused, bodies and times are bounded. Raises RegistryDown, RegistryRefused.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from django.utils.translation import gettext as _

from engine.types import RegistryAuth
from images.challenges import Challenge, parse_challenge
from images.errors import RealmUnknown, RegistryDown, RegistryRefused
from images.references import DIGEST, HUB, is_loopback

HUB_API = "https://registry-1.docker.io"
HUB_REALM = "https://auth.docker.io"
MOST_BYTES = 4 << 20
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 10.0, 20.0
PIECE = 1 << 16
HOPS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class RegistryClient:
    """One conversation with one registry: synchronous, for one thread and a few calls."""

    def __init__(
        self,
        address: str,
        auth: RegistryAuth | None = None,
        *,
        plain_http: bool = False,
        realm: str = "",
    ) -> None:
        scheme = "http" if plain_http and is_loopback(address) else "https"
        self.address, self._auth = address, auth
        self.origin = HUB_API if address == HUB else f"{scheme}://{address}"
        self.realm = HUB_REALM if address == HUB else realm
        self._pool = urllib3.PoolManager(
            num_pools=2, retries=False, timeout=urllib3.Timeout(CONNECT_SECONDS, READ_SECONDS)
        )
        self._authorization = ""

    def challenge(self) -> Challenge | None:
        """What the registry asks for before it answers; None where it is open.

        Raises RealmUnknown where it sends logins to a server that nobody confirmed.
        """
        answer = self._fetch(f"{self.origin}/v2/", {})
        if answer.status == 401:
            return self._checked(answer)
        if answer.status != 200:
            raise self._refusal(answer)
        return None

    def get(self, path: str, accept: str = "application/json") -> tuple[Any, Mapping[str, str]]:
        """A path of the API (or a full address of this registry) as JSON, with its headers."""
        answer = self._answered(path, accept)
        if answer.status != 200:
            raise self._refusal(answer)
        return self._json(answer), answer.headers

    def digest(self, path: str, accept: str) -> str:
        """The digest of a manifest, index or image: as a pull of it is recorded.

        A HEAD tells it, and is no pull where pulls are counted. Where it does not, the manifest
        is asked for: it can be hashed, and a refusal has words.
        """
        answer = self._answered(path, accept, "HEAD")
        if answer.status != 200 or not told_digest(answer):
            answer = self._answered(path, accept)
        if answer.status != 200:
            raise self._refusal(answer)
        if found := told_digest(answer):
            return found
        self._json(answer)
        return f"sha256:{hashlib.sha256(answer.body).hexdigest()}"

    def _answered(self, path: str, accept: str, method: str = "GET") -> Answer:
        """Its answer, after the login that it asks for where there is one."""
        url = urljoin(self.origin, path)
        answer = self._ask(url, accept, method)
        if answer.status == 401 and (challenge := self._checked(answer)) is not None:
            self._authorization = self._answer_to(challenge)
            answer = self._ask(url, accept, method)
        return answer

    def _ask(self, url: str, accept: str, method: str) -> Answer:
        for _hop in range(HOPS):
            if origin_of(url) != self.origin:
                raise RegistryRefused(
                    _("%(registry)s sends us on to %(origin)s, where we do not follow.")
                    % {"registry": self.address, "origin": origin_of(url)}
                )
            headers = {"Accept": accept}
            if self._authorization:
                headers["Authorization"] = self._authorization
            answer = self._fetch(url, headers, method)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
        raise RegistryRefused(_("%(registry)s redirects in a circle.") % {"registry": self.address})

    def _answer_to(self, challenge: Challenge) -> str:
        if challenge.scheme == "basic":
            return self._basic()
        query = {"service": challenge.service, "scope": challenge.scope}
        url = f"{challenge.realm}?{urlencode({k: v for k, v in query.items() if v})}"
        basic = self._basic()
        answer = self._fetch(url, {"Authorization": basic} if basic else {})
        if answer.status != 200:
            raise self._refusal(answer)
        kept = self._json(answer)
        token = (kept.get("token") or kept.get("access_token")) if isinstance(kept, dict) else ""
        if not isinstance(token, str) or not token or not token.isascii():
            raise RegistryDown(_("The token server of %(r)s gave no token.") % {"r": self.address})
        return f"Bearer {token}"

    def _basic(self) -> str:
        if self._auth is None:
            return ""
        pair = f"{self._auth.username}:{self._auth.password}"
        return str(urllib3.make_headers(basic_auth=pair)["authorization"])

    def _checked(self, answer: Answer) -> Challenge | None:
        """The challenge of a 401, if it may be answered. Raises RealmUnknown."""
        challenge = parse_challenge(answer.headers.get("www-authenticate", ""))
        if challenge is None or challenge.scheme == "basic":
            return challenge if self._auth else None
        origin = origin_of(challenge.realm)
        if origin and origin in (self.origin, self.realm):
            return challenge
        raise RealmUnknown(
            _("%(registry)s sends logins to %(realm)s. Confirm that on the registry's page first.")
            % {"registry": self.address, "realm": origin or challenge.realm},
            origin,
        )

    def _refusal(self, answer: Answer) -> RegistryRefused | RegistryDown:
        """The registry's own words where it has some."""
        words = own_words(answer.body)
        if answer.status == 401:
            text = words or _("authentication required")
        else:
            text = words or f"HTTP {answer.status}"
        message = f"{self.address}: {text}"
        return RegistryRefused(message) if answer.status < 500 else RegistryDown(message)

    def _json(self, answer: Answer) -> Any:
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise RegistryDown(
                _("What answers at %(address)s is no registry: it sent no JSON.")
                % {"address": self.address}
            ) from error

    def _fetch(self, url: str, headers: Mapping[str, str], method: str = "GET") -> Answer:
        ends = time.monotonic() + WHOLE_SECONDS
        try:
            response = self._pool.request(
                method, url, headers=headers, redirect=False, preload_content=False
            )
            try:
                body = self._read(response, ends)
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise RegistryDown(
                _("%(address)s cannot be reached: %(error)s")
                % {"address": urlsplit(url).netloc, "error": plain_words(error)}
            ) from error
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, lowered, body)

    def _read(self, response: urllib3.BaseHTTPResponse, ends: float) -> bytes:
        body = bytearray()
        while piece := response.read(PIECE):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > ends:
                raise RegistryDown(
                    _("The answer of %(address)s is too large or too slow.")
                    % {"address": self.address}
                )
        return bytes(body)


def told_digest(answer: Answer) -> str:
    """What stands in its header, "" for none."""
    told = answer.headers.get("docker-content-digest", "")
    return told if DIGEST.fullmatch(told) else ""


def origin_of(url: str) -> str:
    """Scheme, host and port, or "" where it is no web address or carries a user name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    default = {"http": 80, "https": 443}[parts.scheme]
    if parts.scheme == "http" and not is_loopback(parts.netloc.lower()):
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, default) else "")


def own_words(body: bytes) -> str:
    """The sentences in a registry's error body: {"errors": [{"code", "message"}]}."""
    try:
        kept = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(kept, dict):
        return ""
    errors = kept.get("errors")
    listed = [error for error in errors if isinstance(error, dict)] if errors else []
    words = [str(error.get("message") or error.get("code")) for error in listed]
    return "; ".join(words)[:500] or str(kept.get("details") or kept.get("message") or "")[:500]


def plain_words(error: Exception) -> str:
    """urllib3's reason without its object names, and the system's own words where it has some."""
    reason = getattr(error, "reason", None) or error
    system = getattr(reason.__cause__, "strerror", None)
    return system or str(reason).rpartition(": ")[2] or type(error).__name__
