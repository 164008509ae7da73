"""The fixtures themselves: an engine that answers, images that run, registries that refuse."""

import time
import urllib.request
from collections.abc import Callable

from tests.conftest import DockerCli
from tests.registry import Registry


def test_a_container_runs_and_goes(docker_cli: DockerCli, container: Callable[..., str]) -> None:
    made = container("sh", "-c", "echo out; ls /etc; sleep 60")
    assert len(made) == 64
    assert docker_cli("exec", "-u", "app", made, "id", "-u").stdout == "1000\n"
    assert "passwd" in docker_cli("logs", made).stdout


def test_the_shellless_image_has_no_shell(
    docker_cli: DockerCli, container: Callable[..., str], shellless: str
) -> None:
    made = container(image=shellless)
    assert docker_cli("exec", made, "sh", check=False).returncode != 0
    assert docker_cli("inspect", "-f", "{{.State.Running}}", made).stdout == "true\n"


def test_the_registries(
    docker_cli: DockerCli, busybox: str, registry: Registry, auth_registry: Registry
) -> None:
    reference = f"{registry.address}/cast:1"
    docker_cli("tag", busybox, reference)
    docker_cli("push", reference)
    docker_cli("rmi", reference)
    sign_in = ("login", "-u", auth_registry.user, "--password-stdin", auth_registry.address)
    assert docker_cli(*sign_in, check=False, input="wrong").returncode != 0
    docker_cli(*sign_in, input=auth_registry.password)


def test_a_published_port_is_reached(docker_cli: DockerCli, container: Callable[..., str]) -> None:
    serve = "mkdir /www; echo hello >/www/index.html; httpd -f -p 80 -h /www"
    made = container("sh", "-c", serve, options=("-p", "127.0.0.1::80"))
    address = docker_cli("port", made, "80/tcp").stdout.strip()
    assert fetch(f"http://{address}/") == b"hello\n"


def fetch(url: str) -> bytes:
    """Retried for two seconds: the port is open before the server in the container is up."""
    for _ in range(20):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
