"""The log as a file: byte for byte what the engine stored, in part or packed."""

import gzip
from collections.abc import Callable

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.runtime import Loop, until

TALK = r"printf 'one\r\n\377two\n'; echo three >&2"


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def ended(docker_cli: DockerCli, id: str) -> str:
    docker_cli("wait", id)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return f"/hosts/dock/containers/{id}/logs/"


def body(response: object, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return runtime.run(collect())


def test_both_streams_or_one_come_without_the_engines_frames(
    ada: Client, runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    base = ended(docker_cli, container("sh", "-c", TALK))
    whole = body(ada.get(f"{base}download/"), runtime)
    assert sorted(whole.splitlines()) == sorted([b"one", "\ufffdtwo".encode(), b"three"])
    assert b"one\r\n" in whole
    assert body(ada.get(f"{base}download/?stream=stderr"), runtime) == b"three\n"
    packed = ada.get(f"{base}download/?gz=1")
    assert packed["Content-Disposition"].endswith('.log.gz"')
    assert gzip.decompress(body(packed, runtime)) == whole


def test_a_log_with_a_terminal_has_no_frames_to_take_off(
    ada: Client, runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", "echo from a terminal", options=("--tty",))
    base = ended(docker_cli, id)
    assert body(ada.get(f"{base}download/"), runtime) == b"from a terminal\r\n"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=tomorrow", "since"),
        ("since=999999d", "since"),
        ("tail=many", "tail"),
        ("stream=stdlog", "stream"),
        ("since=1h&until=2h", "until"),
    ],
)
def test_a_bad_range_is_422_and_names_the_field(
    ada: Client, container: Callable[..., str], docker_cli: DockerCli, query: str, field: str
) -> None:
    base = ended(docker_cli, container("true"))
    response = ada.get(f"{base}download/?{query}")
    assert response.status_code == 422
    assert response.content.decode().startswith(f"{field}:")


def test_a_ticket_is_for_who_may_read_and_a_bad_place_is_refused(
    ada: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    base = ended(docker_cli, container("true"))
    assert len(ada.post(f"{base}ticket/", {"tail": "10"}).json()["ticket"]) > 20
    assert ada.post(f"{base}ticket/", {"after": "nowhere"}).status_code == 422
    mallory = Client()
    mallory.force_login(User.objects.create_user("mallory"))
    assert mallory.post(f"{base}ticket/").status_code == 404
    assert mallory.get(f"{base}download/").status_code == 404
