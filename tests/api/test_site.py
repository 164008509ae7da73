"""The API at the real server: bodies, uploads with a token, no token in an address."""

import base64
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conftest import DockerCli
from tests.dashboard.test_start import people, post_form
from tests.site import Site, running_site

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET = "application/offset+octet-stream"


def answer(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
    """(status, headers, body) of one request; ``A_B`` is the header A-B."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as got:
            return got.status, got.headers, got.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def made_token(site: Site) -> str:
    """By the page, as a person does it."""
    who = people()
    post_form(who, f"{site.url}/login/", username=site.username, password=site.password)
    address = f"{site.url}/account/tokens/add/"
    with who.open(address) as page:
        text = page.read().decode()
        key = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text)
    assert key is not None
    rights = [f"&rights={name}" for name in re.findall(r'name="rights" value="([\w.]+)"', text)]
    sent = f"name=site&days=1&networks=127.0.0.0/8&csrfmiddlewaretoken={key[1]}{''.join(rights)}"
    with who.open(address, sent.encode()) as page:
        found = re.search(r"wharf_[a-z2-7]{32}", page.read().decode())
    assert found is not None
    return found[0]


def test_a_program_at_the_server(
    engine_url: str, tmp_path: Path, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    box = container()
    with running_site(engine_url, tmp_path) as site:
        token = made_token(site)
        bearer = {"Authorization": f"Bearer {token}"}
        bodies_are_judged_before_they_are_read(site, bearer)
        an_upload_goes_in(site, bearer, box, docker_cli)
        a_token_in_an_address_opens_nothing(site, token, box)
        status, headers, body = answer(f"{site.url}/api/v1/hosts", **bearer)
        assert (status, headers["Content-Type"][:16]) == (200, "application/json")
        assert json.loads(body)["items"][0]["state"] == "up"
        assert token not in site.log
        assert b"/api/v1/hosts" in answer(f"{site.url}/api/v1/openapi.json", **bearer)[2]


def bodies_are_judged_before_they_are_read(site: Site, bearer: dict[str, str]) -> None:
    address = f"{site.url}/api/v1/hosts/local/containers"
    kind = {"Content_Type": "application/json"}
    for size, headers, wanted in ((100_000, {}, 401), (3_000_000, bearer, 413)):
        status, got, body = answer(address, "POST", b"[" * size, **kind, **headers)
        assert status == wanted
        assert got["Content-Type"] == "application/problem+json"
        assert json.loads(body)["status"] == wanted
    assert answer(address, "POST", b"[" * 1_000_000, **kind, **bearer)[0] == 422


def an_upload_goes_in(site: Site, bearer: dict[str, str], box: str, docker_cli: DockerCli) -> None:
    data = b"by a program\n" * 20_000
    fields = {"filename": "sent.txt", "container": box, "directory": "/tmp"}
    told = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in fields.items())
    uploads, length = f"{site.url}/hosts/local/uploads/", str(len(data))
    begin = {**bearer, "Tus_Resumable": "1.0.0", "Upload_Length": length, "Upload_Metadata": told}
    status, headers, body = made(uploads, begin)
    assert status == 201, body
    send = {**bearer, "Tus_Resumable": "1.0.0", "Upload_Offset": "0", "Content_Type": OFFSET}
    status, headers, body = answer(site.url + headers["Location"], "PATCH", data, **send)
    assert status == 204, body
    job = f"{site.url}/api/v1/jobs/{headers['Upload-Job']}"
    until_over(job, bearer)
    assert docker_cli("exec", box, "cat", "/tmp/sent.txt").stdout.encode() == data


def made(address: str, headers: dict[str, str]) -> Any:
    """The upload, once the mirror has looked into its container: before that it is nobody's."""
    deadline = time.monotonic() + 30
    while True:
        got = answer(address, "POST", b"", **headers)
        if got[0] == 201 or time.monotonic() > deadline:
            return got
        time.sleep(0.2)


def until_over(job: str, bearer: dict[str, str]) -> None:
    deadline = time.monotonic() + 30
    while not (told := json.loads(answer(job, **bearer)[2]))["over"]:
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    assert told["state"] == "done", told


def a_token_in_an_address_opens_nothing(site: Site, token: str, box: str) -> None:
    assert answer(f"{site.url}/api/v1/hosts?token={token}")[0] == 401
    socket = site.url.replace("http", "ws")
    for place in ("/ws/live/", f"/ws/hosts/local/containers/{box}/logs/"):
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            with pytest.raises(InvalidStatus, match="403"):
                connect(f"{socket}{place}?token={token}", additional_headers=headers).close()
