"""How the site starts, refuses to start, and ends: the real server as a process."""

import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.site import Site, furnish, running_site

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One without an engine, of which each test asks something else."""
    with running_site(NOWHERE, tmp_path_factory.mktemp("start")) as running:
        yield running


def start_and_fail(**settings: str) -> str:
    """What a server says that does not start."""
    command = [sys.executable, "-m", "dashboard.server"]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with running_site(NOWHERE, tmp_path) as site:
        said = start_and_fail(DATA_DIR=str(tmp_path), PORT="0")
        assert f"process {site.process.pid} already serves" in said
    with running_site(NOWHERE, tmp_path):
        pass
    assert starts_and_stops(tmp_path) == ["server.start", "server.stop"] * 2


def starts_and_stops(data_dir: Path) -> list[str]:
    """What the record says of the servers on this data."""
    with closing(sqlite3.connect(data_dir / "wharfinger.sqlite3")) as database:
        asked = "SELECT event FROM audit_entry WHERE event LIKE 'server.%' ORDER BY seq"
        return [event for (event,) in database.execute(asked)]


def test_a_taken_port_is_named(site: Site, tmp_path: Path) -> None:
    port = site.url.rsplit(":", 1)[1]
    furnish(tmp_path)
    said = start_and_fail(DATA_DIR=str(tmp_path), PORT=port)
    assert f"127.0.0.1:{port}" in said
    assert "in use" in said


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    assert "PORT='eighty'" in start_and_fail(DATA_DIR=str(tmp_path), PORT="eighty")


def test_the_site_stands_without_an_engine(site: Site) -> None:
    assert status_of(f"{site.url}/healthz") == 200
    assert status_of(f"{site.url}/login/") == 200
    assert status_of(f"{site.url}/nothing/here/") == 404
    assert "Traceback" not in site.log


def test_secrets_are_for_the_owner_only(site: Site) -> None:
    assert stat.S_IMODE((site.data_dir / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((site.data_dir / "bodies").stat().st_mode) == 0o700


def test_the_set_up_link_makes_the_first_superuser_once(tmp_path: Path) -> None:
    """At the very first start, which makes all that it needs."""
    with running_site(NOWHERE, tmp_path, bare=True, ADMIN_USER="", ADMIN_PASSWORD="") as site:
        assert (tmp_path / "static" / "prepared").is_file()
        link = re.search(r"http://\S+/setup/\S+/", site.log)
        assert link is not None
        assert link[0].startswith(site.url)
        password = "a wharf at night"
        fields = {"username": "kim", "password1": password, "password2": password}
        assert post_form(people(), link[0], **fields) == 200
        assert status_of(link[0]) == 404


def test_a_long_body_needs_the_session_of_somebody(site: Site) -> None:
    address = f"{site.url}/hosts/local/uploads/00000000-0000-0000-0000-000000000000/"
    assert status_of_patch(people(), address) == 401
    assert status_of_patch(signed_in(site), address) == 403  # past the server: no CSRF token


def status_of_patch(who: urllib.request.OpenerDirector, address: str) -> int:
    request = urllib.request.Request(address, bytes(2**20), method="PATCH")
    try:
        with who.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def people() -> urllib.request.OpenerDirector:
    """A client that keeps its cookies."""
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def post_form(who: urllib.request.OpenerDirector, address: str, **fields: str) -> int:
    with who.open(address) as page:
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token is not None
    body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
    with who.open(address, body) as page:
        return int(page.status)


def signed_in(site: Site) -> urllib.request.OpenerDirector:
    who = people()
    address = f"{site.url}/login/"
    assert post_form(who, address, username=site.username, password=site.password) == 200
    return who


def test_sigterm_ends_it_in_order(engine_url: str, tmp_path: Path) -> None:
    with running_site(engine_url, tmp_path) as site:
        began = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(6) == 0
        assert time.monotonic() - began < 5
        assert_quiet(site)


def assert_quiet(site: Site) -> None:
    for word in ("Traceback", "ERROR", "CRITICAL", "never retrieved", "never awaited"):
        assert word not in site.log
