"""Compose projects by API: all of one at once, in its order, and only what one may act on."""

import secrets
from collections.abc import Callable

from access.models import OwnedContainer
from tests.access.people import grant, team, user
from tests.api.client import is_problem, program, superuser
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop
from tests.runtime import runtime as runtime

Make = Callable[..., str]


def of(project: str, service: str, needs: str = "") -> tuple[str, ...]:
    said = {"project": project, "service": service, "depends_on": f"{needs}:service_started:false"}
    return tuple(f"--label=com.docker.compose.{key}={value}" for key, value in said.items())


def test_a_project_from_its_start_to_its_end(
    runtime: Loop, container: Make, docker_cli: DockerCli
) -> None:
    project = f"api-{secrets.token_hex(3)}"
    for name, needs in (("web", "db"), ("db", "")):
        known(container("sleep", "60", options=of(project, name, needs), start=False))
    asks, one = program(superuser()), f"hosts/dock/projects/{project}"
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    done = asks.post(f"{one}/start").json()
    assert [each["error"] for each in done["items"]] == ["", ""]
    is_problem(asks.post(f"{one}/start"), 409)
    is_problem(asks.post(f"{one}/stop", {"timeout": -1}), 422)
    assert len(asks.post(f"{one}/restart", {"timeout": 0}).json()["items"]) == 2
    assert len(asks.post(f"{one}/stop", {"timeout": 0}).json()["items"]) == 2
    is_problem(asks.post(f"{one}/kill"), 409)
    assert asks.post(f"{one}/start").status_code == 200
    refused = asks.ask("DELETE", one).json()["items"]
    assert all("force" in each["error"] for each in refused), refused
    assert asks.post(f"{one}/kill", {"signal": "SIGKILL"}).status_code == 200
    assert [each["error"] for each in asks.ask("DELETE", one).json()["items"]] == ["", ""]
    is_problem(asks.post(f"{one}/start"), 404)
    now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    told = docker_cli(
        *("events", "--since", since, "--until", now),
        *("--filter", f"label=com.docker.compose.project={project}"),
        *("--format", '{{.Action}} {{index .Actor.Attributes "com.docker.compose.service"}}'),
    ).stdout.splitlines()
    order = [line for line in told if line.startswith(("start ", "destroy "))]
    assert order[:2] == ["start db", "start web"]
    assert order[-2:] == ["destroy web", "destroy db"]


def test_of_a_project_only_ones_own_are_acted_on(
    runtime: Loop, container: Make, docker_cli: DockerCli
) -> None:
    project = f"api-{secrets.token_hex(3)}"
    own, other = (known(container(options=of(project, name))) for name in ("own", "other"))
    shop = team("shop", user("bob"))
    OwnedContainer.objects.create(host="dock", container_id=own, team=shop, how="created")
    grant(shop, "operator")
    grant(shop, "viewer", selector="all")
    asks, one = program(user("bob")), f"hosts/dock/projects/{project}"
    assert len(asks.post(f"{one}/stop", {"timeout": 0}).json()["items"]) == 1
    form = ("inspect", "-f", "{{.State.Running}}", own, other)
    assert docker_cli(*form).stdout.split() == ["false", "true"]
    is_problem(asks.ask("DELETE", one), 403)
    grant(team("bank", user("eve")), "operator")
    is_problem(program(user("eve")).post(f"{one}/stop"), 404)
