"""Plain HTTP on a kept connection: to the site as a person who is logged in, and to the engine."""

import http.client
import http.cookies
import json
import socket
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.site import Site

FORM = "application/x-www-form-urlencoded"


class Unix(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float = 120) -> None:
        super().__init__("engine", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Refused(RuntimeError):
    """An answer that a bench does not expect."""


class EngineApi:
    """The engine's own API, without a client in between."""

    def __init__(self, url: str) -> None:
        self._line = Unix(url.removeprefix("unix://"))

    def ask(self, method: str, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if data else {}
        self._line.request(method, path, data, headers)
        answer = self._line.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def close(self) -> None:
        self._line.close()


class Person:
    """Logged in, anew or by another's cookies, on one kept connection.

    ``cookie`` and ``token`` go with each request.
    """

    def __init__(self, site: Site, cookies: dict[str, str] | None = None) -> None:
        self.site = site
        self.where = urlsplit(site.url)
        self._line = http.client.HTTPConnection(self.where.netloc, timeout=120)
        self.cookies = dict(cookies or {})
        if not cookies:
            self.log_in()

    def log_in(self) -> None:
        self.get("/login/")
        form = {"username": self.site.username, "password": self.site.password}
        status, _headers, body = self.ask("POST", "/login/", urlencode(form), form_headers())
        if status != 302:
            raise Refused(f"login: {status} {body[:300]!r}")

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def token(self) -> str:
        return next((v for name, v in self.cookies.items() if name.endswith("csrf")), "")

    def start(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """The answer with its body still to be read."""
        own = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Origin": self.site.url}
        answer = self._answer(method, path, body, own | headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            jar = http.cookies.SimpleCookie(line)
            self.cookies |= {name: part.value for name, part in jar.items()}
        return answer

    def _answer(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """Once more on a new connection where the server had closed the idle one."""
        try:
            self._line.request(method, path, body, headers)
            return self._line.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._line.close()
            self._line.request(method, path, body, headers)
            return self._line.getresponse()

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, bytes]:
        answer = self.start(method, path, body, headers or {})
        return answer.status, answer.headers, answer.read()

    def get(self, path: str, **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, _headers, body = self.ask("GET", path, None, {"Accept-Encoding": "gzip"} | named)
        if status != 200:
            raise Refused(f"GET {path}: {status} {body[:300]!r}")
        return body

    def ticket(self, path: str, **fields: str) -> str:
        """What opens a socket; asked for until the mirror knows the container."""
        deadline = time.monotonic() + 10
        while True:
            status, _h, body = self.ask("POST", path, urlencode(fields), form_headers())
            if status == 200:
                return str(json.loads(body)["ticket"])
            if status not in (404, 409) or time.monotonic() > deadline:
                raise Refused(f"POST {path}: {status} {body[:300]!r}")
            time.sleep(0.05)

    def close(self) -> None:
        self._line.close()


def form_headers() -> dict[str, str]:
    return {"Content-Type": FORM, "Accept": "text/plain"}
