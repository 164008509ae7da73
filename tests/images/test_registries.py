"""Registries: credentials that only go in, and only go where they belong."""

import os
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from access import sealing
from audit.models import Entry
from engine.types import RegistryAuth
from images import registries
from images.errors import RealmUnknown, RegistryDown, RegistryRefused
from images.models import Registry
from images.registry_api import RegistryClient
from tests.images.people import ended, pull, signed_in
from tests.registry import Registry as Running
from tests.runtime import Loop

SECRET = "correct-horse-battery-staple"


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


@pytest.fixture
def boss(transactional_db: None) -> Client:
    """Somebody who manages registries; no engine is needed."""
    return signed_in("boss")


def add(
    client: Client, address: str, username: str = "", password: str = "", **more: str
) -> Registry:
    fields = {"address": address, "username": username, "password": password, **more}
    response = client.post(reverse("registry-add"), fields)
    assert response.status_code == 302, response.content.decode()
    return Registry.objects.get(address=address.lower())


class Impostor(ThreadingHTTPServer):
    """A registry that sends logins to ``realm``, and whatever else it is told to answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server_port}"
        self.realm = ""
        self.redirect = ""
        self.body = b"{}"
        self.seen: list[tuple[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Impostor

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization", "")))
        if self.server.redirect:
            self.send_response(307)
            self.send_header("Location", self.server.redirect)
        elif self.server.realm:
            self.send_response(401)
            value = f'Bearer realm="{self.server.realm}",service="x"'
            self.send_header("WWW-Authenticate", value)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def impostor() -> Iterator[Impostor]:
    server = Impostor()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_password_goes_in_and_never_comes_out(
    boss: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    registry = add(boss, "Registry.Example.org:5000", "robot", SECRET)
    boss.post(reverse("registry-edit", args=[registry.pk]), {"address": "x", "password": SECRET})
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert SECRET not in str(cursor.fetchall()), table
    for name in ("registry-list", "audit-list"):
        assert SECRET not in boss.get(reverse(name)).content.decode()
    assert SECRET not in boss.get(reverse("registry-edit", args=[registry.pk])).content.decode()
    assert SECRET not in caplog.text
    auth = registries.auth_of(registry)
    assert auth is not None
    assert auth.password == SECRET
    assert SECRET not in repr(auth)


def test_a_refused_form_does_not_send_the_password_back(boss: Client) -> None:
    fields = {"address": "not an address", "username": "robot", "password": SECRET}
    response = boss.post(reverse("registry-add"), fields)
    assert response.status_code == 422
    assert SECRET not in response.content.decode()
    assert "is not a registry" in response.content.decode()


def test_the_keys_lie_outside_the_database_and_rotate(boss: Client) -> None:
    registry = add(boss, "registry.example.org", "robot", SECRET)
    path = Path(settings.DATA_DIR) / sealing.FILE
    assert os.stat(path).st_mode & 0o777 == 0o600
    before, old = registry.sealed_password, path.read_text().split()
    call_command("rotate_registry_keys", verbosity=0)
    registry.refresh_from_db()
    assert registry.sealed_password != before
    assert path.read_text().split()[1:] == old
    path.write_text(path.read_text().split()[0] + "\n")  # the old key may go
    assert registries.auth_of(registry) is not None


def test_without_its_key_a_password_asks_to_be_entered_again(boss: Client) -> None:
    registry = add(boss, "registry.example.org", "robot", SECRET)
    path = Path(settings.DATA_DIR) / sealing.FILE
    kept = path.read_text()
    path.unlink()
    try:
        with pytest.raises(RegistryRefused, match="enter it again"):
            registries.auth_of(registry)
    finally:
        path.write_text(kept)


def test_an_empty_password_keeps_the_stored_one_but_not_for_another_address(boss: Client) -> None:
    registry = add(boss, "registry.example.org", "robot", SECRET)
    edit = reverse("registry-edit", args=[registry.pk])
    fields = {"address": "registry.example.org", "username": "robot", "name": "Ours"}
    assert boss.post(edit, fields).status_code == 302
    registry.refresh_from_db()
    assert registries.auth_of(registry).password == SECRET  # type: ignore[union-attr]
    response = boss.post(edit, fields | {"address": "evil.example"})
    assert response.status_code == 422
    assert "belongs to registry.example.org" in response.content.decode()
    assert boss.post(edit, fields | {"username": ""}).status_code == 302
    registry.refresh_from_db()
    assert registry.sealed_password == ""


def test_plain_http_is_for_this_machine_only(boss: Client) -> None:
    fields = {"address": "registry.example.org", "plain_http": "on"}
    response = boss.post(reverse("registry-add"), fields)
    assert response.status_code == 422
    assert "127.0.0.1 only" in response.content.decode()
    assert add(boss, "127.0.0.1:5000", plain_http="on").plain_http


def test_every_change_is_recorded_and_removal_asks_first(boss: Client) -> None:
    registry = add(boss, "registry.example.org", "robot", SECRET)
    remove = reverse("registry-remove", args=[registry.pk])
    assert "Remove registry.example.org?" in boss.get(remove).content.decode()
    assert Registry.objects.exists()
    boss.post(remove)
    assert not Registry.objects.exists()
    entries = Entry.objects.filter(event="registry.manage", result="ok").order_by("seq")
    assert [entry.parameters.get("removed", False) for entry in entries] == [False, True]
    assert entries[0].parameters["password_changed"] is True


def test_the_login_test_answers_in_the_registrys_words(ada: Client, auth_registry: Running) -> None:
    registry = add(ada, auth_registry.address, auth_registry.user, "wrong", plain_http="on")
    test = reverse("registry-test", args=[registry.pk])
    refused = ada.post(test, {"host": "dock"})
    assert "401 Unauthorized" in refused.content.decode()
    assert Entry.objects.filter(event="registry.manage", result="failed").exists()
    edit = reverse("registry-edit", args=[registry.pk])
    fields = {"address": registry.address, "username": auth_registry.user, "plain_http": "on"}
    ada.post(edit, fields | {"password": auth_registry.password})
    assert "Login Succeeded" in ada.post(test, {"host": "dock"}).content.decode()


def test_a_pull_uses_the_login_of_exactly_this_registry(
    ada: Client, auth_registry: Running, pushed_with_login: str
) -> None:
    job = ended(pull(ada, pushed_with_login))
    assert job.state == "failed"
    assert "no basic auth credentials" in job.error
    host, _, port = auth_registry.address.partition(":")
    add(ada, f"{host}:{int(port) + 1}", auth_registry.user, auth_registry.password)
    add(ada, host, auth_registry.user, auth_registry.password)
    assert ended(pull(ada, pushed_with_login)).state == "failed"
    add(ada, auth_registry.address, auth_registry.user, auth_registry.password, plain_http="on")
    assert ended(pull(ada, pushed_with_login)).state == "done"


def test_a_foreign_token_server_gets_nothing_until_it_is_confirmed(
    ada: Client, impostor: Impostor
) -> None:
    thief = Impostor()
    Thread(target=thief.serve_forever, daemon=True).start()
    impostor.realm = f"http://{thief.address}/token"
    registry = add(ada, impostor.address, "robot", SECRET, plain_http="on")
    job = ended(pull(ada, f"{impostor.address}/app:1"))
    assert f"sends logins to http://{thief.address}" in job.error
    page = ada.post(reverse("registry-test", args=[registry.pk]), {"host": "dock"})
    assert f"Confirm http://{thief.address}" in page.content.decode()
    assert thief.seen == []
    realm = {"realm": f"http://{thief.address}"}
    assert ada.post(reverse("registry-realm", args=[registry.pk]), realm).status_code == 302
    ended(pull(ada, f"{impostor.address}/app:1"))
    assert thief.seen
    thief.shutdown()
    thief.server_close()


def test_a_redirect_to_another_host_is_not_followed(impostor: Impostor) -> None:
    thief = Impostor()
    Thread(target=thief.serve_forever, daemon=True).start()
    impostor.redirect = f"http://{thief.address}/v2/_catalog"
    auth = RegistryAuth(impostor.address, "robot", SECRET)
    with pytest.raises(RegistryRefused, match="do not follow"):
        RegistryClient(impostor.address, auth, plain_http=True).get("/v2/_catalog")
    assert thief.seen == []
    thief.shutdown()
    thief.server_close()


def test_an_endless_answer_and_one_that_is_no_json(impostor: Impostor) -> None:
    client = RegistryClient(impostor.address, plain_http=True)
    impostor.body = b"<html>"
    with pytest.raises(RegistryDown, match="no registry"):
        client.get("/v2/_catalog")
    impostor.body = b"[" + b" " * (5 << 20)
    with pytest.raises(RegistryDown, match="too large"):
        client.get("/v2/_catalog")


def test_a_realm_in_clear_text_elsewhere_is_never_asked(impostor: Impostor) -> None:
    impostor.realm = "http://auth.example.org/token"
    auth = RegistryAuth(impostor.address, "robot", SECRET)
    with pytest.raises(RealmUnknown) as refusal:
        RegistryClient(impostor.address, auth, plain_http=True).get("/v2/")
    assert refusal.value.realm == ""


@pytest.fixture
def pushed_with_login(
    auth_registry: Running, docker_cli: Callable[..., object], local_image: Callable[..., str]
) -> str:
    """An image that only the registry with a login has."""
    name = local_image(f"{auth_registry.address}/jobs-test/private:1")
    login = ("login", "-u", auth_registry.user, "--password-stdin", auth_registry.address)
    docker_cli(*login, input=auth_registry.password)
    docker_cli("push", name)
    docker_cli("logout", auth_registry.address)
    docker_cli("rmi", "--force", name)
    return name
