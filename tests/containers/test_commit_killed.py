"""The server is killed while the engine makes an image: the next one removes what came of it."""

import os
import secrets
import signal
from pathlib import Path

import pytest

from tests.conftest import LABEL, DockerCli
from tests.containers.test_commit_left import images
from tests.containers.test_replacing_killed import logged_in
from tests.runtime import until
from tests.site import running_site

pytestmark = pytest.mark.long
MIB = 256  # the engine takes a while over them


def test_what_kill_9_cuts_off_leaves_no_image(
    busybox: str, engine_url: str, docker_cli: DockerCli, tmp_path: Path
) -> None:
    mark = f"killed-{secrets.token_hex(4)}"
    write = f"dd if=/dev/urandom of=/big bs=1M count={MIB}; echo written; sleep 900"
    run = ("run", "-d", "--label", LABEL, "--network", "none", "--name", mark, busybox)
    id = docker_cli(*run, "sh", "-c", write).stdout.strip()
    try:
        until(lambda: "written" in docker_cli("logs", mark).stdout, 120)
        with running_site(engine_url, tmp_path / "data") as site:
            browser = logged_in(site)
            place = f"{site.url}/hosts/local/containers/{id}/commit/"
            until(lambda: browser.get(place, timeout=20).status_code == 200, 20)
            sent = {"message": mark, "csrfmiddlewaretoken": browser.cookies["wharfinger-csrf"]}
            headers = {"Referer": site.url}
            since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
            asked = {**sent, "pause": "on"}
            browser.post(place, asked, headers=headers, allow_redirects=False, timeout=30)
            form = ("inspect", "-f", "{{.State.Paused}}", mark)
            until(lambda: docker_cli(*form).stdout.strip() == "true", 30)
            os.kill(site.process.pid, signal.SIGKILL)
            site.process.wait(20)
        with running_site(engine_url, tmp_path / "data"):
            until(lambda: committed(docker_cli, id, since), 60)
            until(lambda: not images(docker_cli, mark), 30)
    finally:
        docker_cli("rm", "-fv", mark, check=False)
        docker_cli("rmi", *images(docker_cli, mark), check=False)


def committed(docker_cli: DockerCli, id: str, since: str) -> bool:
    """Whether the engine has made it."""
    now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    only = ("--filter", f"container={id}", "--filter", "event=commit")
    return bool(docker_cli("events", "--since", since, "--until", now, *only).stdout)
