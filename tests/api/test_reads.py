"""Reading by API: what the pages show to the same person, and every refusal a problem detail."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.query import QuerySet
from django.test import Client

from access import sight
from access.models import Team
from hosts.live import engine_of
from tests.api.client import Program, body, is_problem, program, superuser, token, viewer
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

NOBODYS = "ab" * 32


def test_a_program_sees_what_its_maker_sees(
    shop: Team, box: str, container: Callable[..., str]
) -> None:
    other = known(container("true", start=False))
    asks = viewer(shop)
    listed = asks.get("hosts/dock/containers")
    assert [each["id"] for each in listed.json()["items"]] == [box]
    assert listed["Content-Type"].startswith("application/json")
    assert asks.get(f"hosts/dock/containers/{box}").json()["state"] == "running"
    assert asks.get("hosts").json()["items"][0]["slug"] == "dock"
    images = asks.get("hosts/dock/images").json()["items"]
    assert [each["containers"] for each in images] == [[box]]
    for hidden in (other, NOBODYS, box[:12], "%00", "..%2f"):
        for rest in ("", "/inspect", "/logs", "/files?path=/"):
            is_problem(asks.get(f"hosts/dock/containers/{hidden}{rest}"), 404)
    is_problem(asks.get("hosts/quay/containers"), 404)
    is_problem(asks.get(f"hosts/dock/containers/{box}/files?path=/"), 403)


def test_a_narrow_token_sees_less_than_its_maker(shop: Team, box: str) -> None:
    only_logs = viewer(shop, "container.logs")
    is_problem(only_logs.get("hosts/dock/containers"), 404)
    is_problem(only_logs.get(f"hosts/dock/containers/{box}"), 404)
    assert only_logs.get(f"hosts/dock/containers/{box}/logs").status_code == 200
    only_images = viewer(shop, "host.see", "image.see").get("hosts/dock/images").json()
    assert [each["containers"] for each in only_images["items"]] == [[]]
    elsewhere = viewer(shop, "host.see", "container.see", hosts=["quay"])
    is_problem(elsewhere.get("hosts/dock/containers"), 404)
    assert elsewhere.get("hosts").json()["items"] == []


def test_secrets_are_masked(runtime: Loop, container: Callable[..., str]) -> None:
    secret = token(superuser("ann"), "host.see")[1]
    options = ("--env", "DB_PASSWORD=hunter2", "--env", f"PLAIN={secret}", "--label", "token=x9y8")
    id = known(container("true", start=False, options=options))
    asks = program(superuser())
    for path in (f"hosts/dock/containers/{id}/inspect", f"hosts/dock/containers/{id}"):
        text = asks.get(path).content.decode()
        assert "hunter2" not in text
        assert "x9y8" not in text
        assert secret not in text


def test_what_reaches_its_host_says_all_of_why(
    runtime: Loop, container: Callable[..., str]
) -> None:
    id = known(container("true", start=False, options=("-v", "/tmp:/host", "--pid", "host")))
    told = program(superuser()).get(f"hosts/dock/containers/{id}").json()
    assert (told["dangers"][0], told["dangers"][-1]) == ("PidMode host", "/tmp → /host")


def test_pages_stay_whole_while_containers_come_and_go(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    made = [known(container("true", start=False)) for _ in range(5)]
    asks = program(superuser())
    address, seen, gone = "hosts/dock/containers?limit=2", [], ""
    page = asks.get(address).json()
    seen += [each["id"] for each in page["items"]]
    leaves = next(id for id in made if id not in seen)
    docker_cli("rm", leaves)
    time.sleep(1.1)  # the order is by the second of creation: this one stands behind the others
    comes = known(container("true", start=False))
    until(lambda: leaves not in engine_of("dock").mirror.snapshot.containers)
    while page["next"]:
        page = asks.get(f"{address}&cursor={page['next']}").json()
        assert len(page["items"]) <= 2
        seen += [each["id"] for each in page["items"]]
        gone = gone or page["next"]
    assert len(seen) == len(set(seen))
    assert {*made, comes} - {leaves} <= set(seen)


def test_the_filter_is_the_pages_own(shop: Team, box: str) -> None:
    asks = viewer(shop)
    name = engine_of("dock").mirror.snapshot.containers[box].name
    found = asks.get(f"hosts/dock/containers?q=state:running name:{name}").json()["items"]
    assert [each["id"] for each in found] == [box]
    assert asks.get("hosts/dock/containers?q=-state:running").json()["items"] == []
    told = is_problem(asks.get("hosts/dock/containers?q=stat:running"), 422)
    assert told["errors"][0]["field"] == "q"
    assert "state" in told["detail"]


def test_head_answers_as_get_does_without_reading_what_is_streamed(runtime: Loop, box: str) -> None:
    asks = program(superuser())
    for path in ("hosts", "me", f"hosts/dock/containers/{box}", "audit"):
        got, head = asks.get(path), asks.ask("HEAD", path)
        assert (head.status_code, head["Content-Type"]) == (200, got["Content-Type"])
    is_problem(asks.ask("HEAD", f"hosts/dock/containers/{NOBODYS}"), 404)
    head = asks.ask("HEAD", f"hosts/dock/containers/{box}/files?path=/etc/passwd")
    assert int(head["Content-Length"]) > 0
    assert body(head, runtime) == b""
    is_problem(asks.ask("HEAD", f"hosts/dock/containers/{box}/start"), 405)
    assert engine_of("dock").mirror.snapshot.containers[box].state == "running"


def test_a_file_comes_with_the_right_to_files(runtime: Loop, box: str) -> None:
    reads = program(superuser(), "container.files_read")
    got = reads.get(f"hosts/dock/containers/{box}/files?path=/etc/passwd")
    assert b"root" in body(got, runtime)
    assert "attachment" in got["Content-Disposition"]
    is_problem(reads.get(f"hosts/dock/containers/{box}/files?path=relative"), 422)
    is_problem(reads.get(f"hosts/dock/containers/{box}/files?path=/no/such"), 404)


def test_the_record_by_pages(shop: Team, box: str) -> None:
    root = superuser()
    stops = program(root, "container.stop", "audit.see", "job.see", name="stopper")
    for _ in range(2):
        stops.post(f"hosts/dock/containers/{box}/stop", {"timeout": 0})
    seen: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = stops.get(f"audit?event=container.stop&limit=1&cursor={page['next']}").json()
        seen += page["items"]
    assert [row["result"] for row in seen] == ["failed", "intent", "ok", "intent"]
    assert {row["token"].partition(" ")[2] for row in seen} == {"stopper"}
    assert stops.get("jobs").json() == {"items": [], "next": None}
    for bad in ("x", "WzFd", "%00", "W10", "%ff"):
        is_problem(stops.get(f"audit?cursor={bad}"), 422)
        is_problem(stops.get(f"jobs?cursor={bad}"), 422)


@pytest.mark.django_db
def test_a_login_reads_and_changes_only_with_its_form_token() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(superuser())
    assert browser.get("/api/v1/me").json() == {"user": "root", "token": None}
    address, sent = f"/api/v1/hosts/dock/containers/{NOBODYS}/start", "application/json"
    refused = browser.post(address, content_type=sent)
    assert "X-CSRFToken" in is_problem(refused, 403)["detail"]
    page = browser.get("/account/password/")
    key = page.cookies["wharfinger-csrf"].value
    passed = browser.post(address, content_type=sent, headers={"X-CSRFToken": key})
    is_problem(passed, 404)
    form = browser.post(address, {"csrfmiddlewaretoken": key})  # as multipart
    assert form.status_code == 415, "it was read for its token, and then as what it is"


@pytest.mark.django_db
def test_a_body_that_comes_with_a_get_means_nothing() -> None:
    asks = program(superuser())
    for sent, kind in ((b"{", "application/json"), (b"a=1", "text/plain")):
        assert asks.ask("GET", "me", sent, content_type=kind).status_code == 200


@pytest.mark.django_db
def test_on_a_full_disk_reading_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = program(superuser())

    def fails(*args: Any, **fields: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(QuerySet, "update", fails)
    assert asks.get("me").status_code == 200
    monkeypatch.setattr(sight, "entries", fails)
    assert "full" in is_problem(asks.get("audit"), 507)["detail"]


@pytest.mark.django_db
def test_every_refusal_is_a_problem_detail(settings: Any) -> None:
    root, nobody = superuser(), Program()
    asks = program(root)
    told = nobody.get("hosts")
    assert told["WWW-Authenticate"].startswith("Bearer")
    is_problem(told, 401)
    is_problem(nobody.get("no/such/address"), 401)
    for address in ("no/such", "/api/v2/hosts", "/api/v1/", "/api/me", "jobs/xyz", "hosts/"):
        is_problem(asks.get(address), 404)
    wrong = asks.ask("PUT", "hosts")
    is_problem(wrong, 405)
    assert wrong["Allow"] == "GET, HEAD"
    run = "hosts/dock/containers"
    is_problem(asks.ask("POST", run, b"image=x", content_type="text/plain"), 415)
    is_problem(asks.ask("POST", run, b"{" + b" " * 2_700_000), 413)
    settings.API_REQUESTS_PER_MINUTE = 3
    last = program(root, "host.see").get("me")
    assert last["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert last["RateLimit"].startswith('"minute";r=2;t=')
    few = program(root, "host.see")
    answers = [few.get("me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    is_problem(answers[3], 429)
    assert 0 < int(answers[3]["Retry-After"]) <= 61


NESTED = b"[" * 100_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        b"{",
        b"\xff\xfe",
        b"\0",
        NESTED,
        b'{"image": "x", "memory": 1e999}',
        b'{"image": "x", "memory": NaN}',
        b'{"image": "x", "memory": ' + b"9" * 5000 + b"}",
        b'{"image": "x", "memory": 99999999999999999999}',
        b'{"image": "x", "memory": "1g"}',
        b'{"image": "x", "tty": 1}',
        b'{"image": "a\\u0000b"}',
        b'{"image": "a\\ud800b"}',
        b'{"image": "x", "env": {"A": null}}',
        b'{"image": "x", "env": ["A=1"]}',
        b'{"image": "x", "ports": [{"container_port": 80, "nobody": 1}]}',
        b'{"image": "x", "HostConfig": {"Privileged": true}}',
        b"[]",
        b"null",
        b'"x"',
        b"{}",
    ],
)
def test_bad_input_is_422_with_the_field(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = program(superuser())
    told = is_problem(asks.ask("POST", "hosts/dock/containers", sent), 422)
    assert told["errors"][0]["field"]
    assert "\\ud800" not in json.dumps(told)
