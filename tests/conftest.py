"""The cast of every test: a real engine, two images, two registries, containers that go again.

An engine that is missing is an error, never a skip.
"""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest

from dashboard.demo.rootfs import busybox_rootfs, shellless_rootfs
from tests.engine import as_instruction, import_image, private_engine
from tests.faults import faulty_engine as faulty_engine
from tests.own_network import enter_own_network
from tests.registry import Registry, private_registry
from tests.runtime import runtime as runtime

LABEL = "wharfinger-test=1"
DockerCli = Callable[..., "subprocess.CompletedProcess[str]"]


# The same examples in every ordinary run, so that a failure is of the change; --long explores.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("exploring", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("exploring" if config.getoption("--long") else "steady")
    if hasattr(config, "workerinput") and "TEST_DOCKER_HOST" not in os.environ:
        enter_own_network()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Two workers of a whole run take turns; whoever asks for another way gets it."""
    if config.getoption("dist") != "loadfile":
        return None
    from tests.turns import Turns

    return Turns(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by fixture, and run the browser last: Playwright keeps a loop running in our thread."""
    long = [item for item in items if item.get_closest_marker("long")]
    if long and not config.getoption("--long"):
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        if "engine_url" in fixtures:
            item.add_marker(pytest.mark.engine)
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
    pages = {item.path for item in items if item.get_closest_marker("browser")}
    # A file whole goes to one worker; the longest first, so that no worker waits for it at the end.
    items.sort(key=lambda item: (item.path in pages, item.path.name != "test_walk.py"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """What Django writes after each test that commits: its own permissions, which nobody asks."""
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.models.signals import post_migrate

    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    """``unix://…`` of TEST_DOCKER_HOST, or of an engine made for this run."""
    given = os.environ.get("TEST_DOCKER_HOST")
    if given:
        yield given
        return
    with private_engine(in_memory=True) as url:
        yield url


@pytest.fixture(scope="session")
def docker_cli(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> DockerCli:
    """``docker_cli(*args, check=True, input=None)``: the docker command line on the test engine.

    It has a configuration of its own, so nobody's contexts and credentials take part.
    """
    config = str(tmp_path_factory.mktemp("docker-config"))

    def call(
        *args: str, check: bool = True, input: str | bytes | None = None
    ) -> "subprocess.CompletedProcess[str]":
        command = ["docker", "--config", config, "-H", engine_url, *args]
        data = input.encode() if isinstance(input, str) else input
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        if check and done.returncode:
            raise AssertionError(f"docker {' '.join(args)}: {err}")
        return subprocess.CompletedProcess(command, done.returncode, out, err)

    return call


@pytest.fixture(scope="session")
def busybox(engine_url: str, docker_cli: DockerCli) -> str:
    """An image with sh, ls and every other busybox applet; users root and app."""
    changes = (as_instruction("CMD", ["sh"]), "ENV PATH=/bin", f"LABEL {LABEL}")
    return imported(engine_url, docker_cli, "busybox", busybox_rootfs, *changes)


@pytest.fixture(scope="session")
def shellless(engine_url: str, docker_cli: DockerCli) -> str:
    """An image with one static program (``/sleep``), ``/data/hello.txt`` and no shell."""
    changes = (
        as_instruction("ENTRYPOINT", ["/sleep"]),
        as_instruction("CMD", ["3600"]),
        f"LABEL {LABEL}",
    )
    return imported(engine_url, docker_cli, "shellless", shellless_rootfs, *changes)


def imported(
    url: str, docker_cli: DockerCli, name: str, rootfs: Callable[[], bytes], *changes: str
) -> str:
    """The image's reference. It stays on an engine named by TEST_DOCKER_HOST, for the next run."""
    reference = f"wharfinger-test/{name}:latest"
    if docker_cli("image", "inspect", reference, check=False).returncode:
        import_image(url, reference, rootfs(), *changes)
    return reference


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """An open registry: ``.address`` is ``127.0.0.1:port``."""
    with private_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def auth_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that asks for ``.user`` and ``.password``."""
    home = tmp_path_factory.mktemp("auth-registry")
    with private_registry(home, "wharf", secrets.token_urlsafe(12)) as running:
        yield running


@pytest.fixture
def container(docker_cli: DockerCli, busybox: str) -> Iterator[Callable[..., str]]:
    """``container(*command, image=busybox, options=(), start=True) -> full id``.

    Without a command it sleeps. ``options`` are those of ``docker run``. All are removed after
    the test, with their anonymous volumes.
    """
    mark = f"wharfinger-test-run={secrets.token_hex(8)}"

    def make(
        *command: str, image: str = "", options: tuple[str, ...] = (), start: bool = True
    ) -> str:
        verb = ("run", "--detach") if start else ("create",)
        if not command and not image:
            command = ("sleep", "3600")
        labels = ("--label", LABEL, "--label", mark)
        # A network of its own makes a device on this machine, and Chromium then drops whatever
        # it is loading (ERR_NETWORK_CHANGED): only who asks for one gets one.
        asked = any(option in ("-p", "-P", "--network", "--publish") for option in options)
        network = () if asked else ("--network", "none")
        done = docker_cli(*verb, *labels, *network, *options, image or busybox, *command)
        return done.stdout.strip()

    yield make
    made = docker_cli("ps", "--all", "--quiet", "--filter", f"label={mark}").stdout.split()
    if made:
        docker_cli("rm", "--force", "--volumes", *made, check=False)
