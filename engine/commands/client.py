"""The SDK's low-level client, held to a deadline and a size."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from docker.api.client import APIClient
from docker.errors import APIError
from docker.tls import TLSConfig

from engine.commands.unix_adapter import Adapter
from engine.dial import CONNECT_SECONDS, Address
from engine.names import check_name

LARGEST_ANSWER = 128 * 1024 * 1024
PIECE = 256 * 1024


class AnswerTooLarge(Exception):
    """The engine's answer is larger than any honest one."""


class Client(APIClient):
    """One engine, one user at a time: ``requests`` sessions are not thread-safe.

    Whoever uses it sets ``ends`` (monotonic seconds) first. ``engine_version`` is the API
    version the engine named in its last answer.
    """

    # Building blocks of the SDK that its type stubs leave out.
    _get: Callable[..., requests.Response]
    _post_json: Callable[..., requests.Response]
    _result: Callable[..., Any]
    _raise_for_status: Callable[[requests.Response], None]

    def __init__(self, address: Address, version: str) -> None:
        self.ends = 0.0
        self.engine_version = ""
        super().__init__(base_url=str(address), version=version, tls=_tls(address))
        if address.path:
            self.mount("http+docker://", Adapter(address.path, lambda: self.ends))
        # The engine's address is explicit: neither proxies nor .netrc of the server apply.
        self.trust_env = False

    def get_json(
        self,
        path: str,
        *names: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """GET ``path`` with ``names`` in its ``{0}``…; the parsed answer."""
        response = self._get(self._url(path, *names), params=params, headers=dict(headers or {}))
        return self._result(response, json=True)

    def get_text(self, path: str, params: Mapping[str, Any]) -> str:
        """GET; the answer as text."""
        response = self._get(self._url(path), params=params)
        return str(self._result(response))

    def post_json(
        self,
        path: str,
        body: Mapping[str, Any],
        params: Mapping[str, Any] | None = None,
        names: tuple[str, ...] = (),
    ) -> Any:
        """POST a JSON object to ``path`` with ``names`` in its ``{0}``…; the parsed answer."""
        response = self._post_json(self._url(path, *names), data=dict(body), params=params)
        return self._result(response, json=True)

    def send_json(self, path: str, body: Mapping[str, Any], *names: str) -> None:
        """POST a JSON object to ``path`` with ``names`` in its ``{0}``…; the answer has no body."""
        self._raise_for_status(self._post_json(self._url(path, *names), data=dict(body)))

    def head_path(self, path: str, *names: str, params: Mapping[str, Any]) -> Mapping[str, str]:
        """HEAD; the headers of the answer."""
        url = self._url(path, *names)
        response = self.head(url, **self._set_request_timeout({"params": params}))
        self._raise_for_status(response)
        return response.headers

    def _url(self, path: str, *names: str, **options: Any) -> str:
        for name in names:
            check_name(name)
        url: str = super()._url(path, *names, **options)  # type: ignore[misc]
        return url

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        left = max(0.05, self.ends - time.monotonic())
        kwargs["timeout"] = (min(CONNECT_SECONDS, left), left)
        return kwargs

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["stream"] = True
        response = super().send(request, **kwargs)
        try:
            self._read_whole(response)
        except BaseException:
            response.close()
            raise
        self.engine_version = response.headers.get("Api-Version", self.engine_version)
        if response.status_code == 304:
            raise APIError("not modified", response=response, explanation="")
        return response

    def _read_whole(self, response: requests.Response) -> None:
        parts, size = [], 0
        for part in response.iter_content(PIECE):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise AnswerTooLarge
            if time.monotonic() > self.ends:
                raise requests.exceptions.ReadTimeout("the answer came too slowly")
        response._content = b"".join(parts)


def _tls(address: Address) -> TLSConfig | bool:
    if not address.certificates:
        return address.tls
    authority, certificate, key = address.certificate_files()
    return TLSConfig(client_cert=(certificate, key), ca_cert=authority, verify=True)
