"""An OpenID provider on loopback: real HTTP, real signatures, strict, and able to lie.

What it signs in the tests is changed by ``lies`` (claims of the ID token), ``sign`` (how it is
signed) and ``metadata`` (what discovery says).
"""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "wharfinger", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, private=True)


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, KEY)


class Idp:
    """The provider. ``who`` are the claims of the person who is logged in there."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.calm()

    def calm(self) -> None:
        """No lies, nobody's code."""
        self.who: dict[str, Any] = {"sub": "u-1", "preferred_username": "ada", "groups": []}
        self.lies: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = signed
        self.keys = [KEY]
        self.userinfo: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            **self.metadata,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """The person agrees: where the browser is sent."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str], login: str) -> tuple[int, dict[str, Any]]:
        name, _colon, secret = (
            base64.b64decode(login.removeprefix("Basic ")).decode().partition(":")
        )
        if (unquote(name), unquote(secret).replace("+", " ")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "This code is used up."}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "Wrong verifier."}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "auth_time": now, **self.who, **self.lies}
        token = self.sign({k: v for k, v in claims.items() if v is not None})
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}

    def come_back(self, url: str) -> str:
        """Go where the site sent the browser; the address on the site that it comes back to."""
        opener = urllib.request.build_opener(NoRedirect)
        with opener.open(url, timeout=20) as answer:
            return str(answer.headers["Location"]).removeprefix("http://127.0.0.1:8000")


class NoRedirect(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response


@contextmanager
def running_idp() -> Iterator[Idp]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    idp = server.idp = Idp(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="idp")
    thread.start()
    try:
        yield idp
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    @property
    def idp(self) -> Idp:
        idp: Idp = self.server.idp  # type: ignore[attr-defined]
        return idp

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.idp.asked.append(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            self.give(200, self.idp.discovery())
        elif parts.path == "/keys":
            self.give(200, KeySet(self.idp.keys).as_dict(private=False))
        elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer at":
            self.give(200, {"sub": self.idp.who["sub"], **self.idp.userinfo})
        elif parts.path == "/authorize":
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.idp.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.give(404, {"error": "not_found"})

    def do_POST(self) -> None:
        self.idp.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        self.give(*self.idp.token(form, self.headers["Authorization"] or ""))

    def give(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
