"""How the site starts, refuses to start, and ends: the real server as a process."""

import re
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.site import Site, running_site

NOWHERE = "unix:///nowhere/docker.sock"


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


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with running_site(NOWHERE, tmp_path / "one") as site:
        port = site.url.rsplit(":", 1)[1]
        said = start_and_fail(DATA_DIR=str(tmp_path / "two"), PORT=port)
    assert f"127.0.0.1:{port}" in said
    assert "in use" in said


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    assert "PORT='eighty'" in start_and_fail(DATA_DIR=str(tmp_path), PORT="eighty")


def test_the_site_stands_without_an_engine(tmp_path: Path) -> None:
    with running_site(NOWHERE, tmp_path) as site:
        assert status_of(f"{site.url}/healthz") == 200
        assert status_of(f"{site.url}/login/") == 200
        assert status_of(f"{site.url}/nothing/here/") == 404
        assert "Traceback" not in site.log


def test_secrets_are_for_the_owner_only(tmp_path: Path) -> None:
    with running_site(NOWHERE, tmp_path):
        assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "bodies").stat().st_mode) == 0o700


def test_the_set_up_link_makes_the_first_superuser_once(tmp_path: Path) -> None:
    with running_site(NOWHERE, tmp_path, ADMIN_USER="", ADMIN_PASSWORD="") as site:
        link = re.search(r"http://\S+/setup/\S+/", site.log)
        assert link is not None
        assert link[0].startswith(site.url)
        people = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with people.open(link[0]) as page:
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
        assert token is not None
        password = "a wharf at night"
        form = {"username": "kim", "password1": password, "password2": password}
        form["csrfmiddlewaretoken"] = token[1]
        request = urllib.request.Request(
            link[0], urllib.parse.urlencode(form).encode(), {"Origin": site.url}
        )
        with people.open(request) as page:
            assert page.status == 200
        assert status_of(link[0]) == 404


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
