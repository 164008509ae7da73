"""Somebody who is logged in to a running site, with a program instead of a browser."""

import base64
import time
from typing import Any

import requests

from tests.runtime import until
from tests.site import Site

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Person:
    """``session`` holds the cookies; every request carries the CSRF token."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.get(f"{site.url}/login/")
        form = {"username": site.username, "password": site.password}
        self.session.post(f"{site.url}/login/", form, headers=self.headers)
        assert "wharfinger" in self.session.cookies, "the login failed"

    @property
    def headers(self) -> dict[str, str]:
        token = next(v for k, v in self.session.cookies.items() if "csrf" in k)
        return {"X-CSRFToken": token, "Referer": self.site.url}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())

    def ask(self, method: str, path: str, headers: Any = None, **more: Any) -> requests.Response:
        url = path if path.startswith("http") else self.site.url + path
        return self.session.request(
            method, url, headers={**self.headers, **(headers or {})}, timeout=60, **more
        )

    def known(self, id: str) -> str:
        """Wait until the site knows a container that was just made; its id."""
        until(lambda: self.ask("GET", f"/hosts/local/containers/{id}/").status_code == 200)
        return id

    def create(self, id: str, name: str, size: int, **more: str) -> requests.Response:
        fields = {"filename": name, "container": id, "directory": "/tmp", **more}
        pairs = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in fields.items())
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        return self.ask("POST", "/hosts/local/uploads/", headers)

    def patch(self, where: str, offset: int, data: bytes) -> requests.Response:
        return self.ask("PATCH", where, {**PATCH, "Upload-Offset": str(offset)}, data=data)

    def offset(self, where: str) -> int:
        return int(self.ask("HEAD", where, TUS).headers["Upload-Offset"])

    def ended(self, job: str, seconds: float = 60) -> dict[str, Any]:
        """How a job ended, or the one that went on with it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state: dict[str, Any] = self.ask("GET", f"/jobs/{job}/?format=json").json()
            if state["over"] and "continued" in state["result"]:
                job = state["result"]["continued"]
            elif state["over"] and state["state"] != "interrupted":
                return state
            time.sleep(0.1)
        raise AssertionError(f"the job did not end: {state}")
