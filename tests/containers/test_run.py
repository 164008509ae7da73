"""Running a container by the form: made as asked, or refused in words beside the field."""

import secrets
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from access.secrets import MASK
from audit.models import Entry
from jobs.models import Job
from tests.conftest import LABEL, DockerCli
from tests.containers.run_cast import NAME, RUN, form, made, nothing_is_left
from tests.containers.run_cast import ada as ada
from tests.images.conftest import local_image as local_image
from tests.images.conftest import publish as publish
from tests.registry import free_port
from tests.runtime import Loop, until


def test_a_container_is_made_as_the_form_says(
    ada: Client, busybox: str, docker_cli: DockerCli, settings: LazySettings
) -> None:
    settings.BIND_ALLOW = {"/tmp": False}
    port = free_port()
    asked = form(
        busybox,
        command="sleep 3600",
        env="GREETING=good morning\n# a note\nTOKEN=hunter2",
        ports=f"127.0.0.1:{port}:80\n5353/udp",
        mounts="run-form-data:/data\n/tmp:/host:ro",
        memory="64m",
        nano_cpus="0.5",
        restart="on-failure",
        retries="3",
        user="app",
        workdir="/tmp",
        stdin="on",
        health="command",
        health_command="true",
    )
    response = ada.post(RUN, asked)
    assert response.status_code == 302, response.content.decode()[:3000]
    inspect = made(docker_cli)
    config, host = inspect["Config"], inspect["HostConfig"]
    assert response["Location"].endswith(f"/containers/{inspect['Id']}/")
    assert {"GREETING=good morning", "TOKEN=hunter2"} <= set(config["Env"])
    assert (config["User"], config["WorkingDir"], config["OpenStdin"]) == ("app", "/tmp", True)
    assert host["PortBindings"]["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    assert set(host["Binds"]) == {"run-form-data:/data", "/tmp:/host:ro"}
    assert (host["Memory"], host["NanoCpus"]) == (64 * 2**20, 500_000_000)
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert config["Healthcheck"]["Test"] == ["CMD-SHELL", "true"]
    rows = Entry.objects.filter(event="container.create")
    assert [row.result for row in rows.order_by("seq")] == ["intent", "ok"]
    assert "hunter2" not in str(list(rows.values()))
    assert "docker run" in rows[0].command_line


@pytest.mark.parametrize(
    ("fields", "page"),
    [({"detach": ""}, "/logs/"), ({"detach": "", "tty": "on", "stdin": "on"}, "/terminal/")],
)
def test_what_is_not_in_the_background_opens_logs_or_the_terminal(
    ada: Client, busybox: str, fields: dict[str, str], page: str
) -> None:
    asked = {key: value for key, value in form(busybox, **fields).items() if value}
    assert page in ada.post(RUN, asked | {"command": "sleep 60"})["Location"]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"image": ""}, "image", "Name an image"),
        ({"image": "UPPER/case", "pull": "never"}, "image", ""),
        ({"ports": "eighty:80"}, "ports", "eighty"),
        ({"env": "=x"}, "env", ""),
        ({"memory": "lots"}, "memory", "lots"),
        ({"nano_cpus": "-1"}, "nano_cpus", "-1"),
        ({"command": "sh -c 'oops"}, "command", "quote"),
        ({"mounts": "relative:noslash"}, "mounts", ""),
        ({"name": "no spaces"}, "name", ""),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_is_made(
    ada: Client, busybox: str, docker_cli: DockerCli, fields: dict[str, str], field: str, words: str
) -> None:
    response = ada.post(RUN, form(busybox) | fields)
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert field in errors, errors
    assert words in str(errors[field])
    assert nothing_is_left(docker_cli)


def test_a_taken_name_is_refused_in_the_engines_words_beside_the_name(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    docker_cli("create", "--label", LABEL, "--name", NAME, busybox)
    response = ada.post(RUN, form(busybox))
    assert response.status_code == 409
    assert "already in use" in str(response.context["form"].errors["name"])


def test_what_does_not_start_is_offered_for_removal_and_goes_on_the_next_try(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    response = ada.post(RUN, form(busybox, command="/no/such/program"))
    assert response.status_code >= 400
    left = response.context["left"]
    assert left.name == NAME
    assert "no such file" in str(response.context["form"].errors).lower()
    again = ada.post(RUN, form(busybox, command="sleep 60", unstarted=left.id))
    assert again.status_code == 302
    assert made(docker_cli)["Id"] != left.id


def test_a_missing_image_is_pulled_first_as_a_job(
    ada: Client, publish: Callable[..., str], docker_cli: DockerCli
) -> None:
    reference = publish()
    response = ada.post(RUN, form(reference, command="/blob"))
    job_id = response["Location"].split("/")[2]
    until(lambda: not Job.objects.get(pk=job_id).active, 30)
    job = Job.objects.get(pk=job_id)
    # The image has no program in it: pulled, made, and refused at its start.
    assert job.result.get("digest"), job.error
    assert job.result["opens"] == "left"
    assert made(docker_cli)["State"]["Status"] == "created"


def test_the_page_after_says_what_was_done_and_by_which_line(ada: Client, busybox: str) -> None:
    page = ada.get(ada.post(RUN, form(busybox, command="sleep 60", env="TOKEN=x"))["Location"])
    text = page.content.decode()
    assert f"{NAME} was created and started." in text
    assert f"<code>docker run -d --name {NAME}" in text
    assert f"TOKEN={MASK}" in text
    assert "TOKEN=x" not in text


def test_the_form_is_hidden_from_who_may_not_create(runtime: Loop, busybox: str) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("mallory"))
    for page in ("", "line/", "preview/"):
        assert browser.post(RUN + page, form(busybox)).status_code == 404
    assert Client().post(RUN, form(busybox)).status_code == 401


def test_it_joins_every_network_that_a_line_names(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    names = [f"run-net-{secrets.token_hex(4)}" for _ in range(2)]
    for name in names:
        docker_cli("network", "create", "--label", LABEL, name)
    try:
        other = f"--network {names[0]} --network name={names[1]},alias=shop"
        response = ada.post(RUN, form(busybox, command="sleep 60", other=other))
        assert response.status_code == 302, response.context["form"].errors
        joined = made(docker_cli)["NetworkSettings"]["Networks"]
        assert set(joined) == set(names)
        assert "shop" in joined[names[1]]["Aliases"]
    finally:
        docker_cli("rm", "--force", NAME, check=False)
        docker_cli("network", "rm", *names)


def test_what_removes_itself_and_does_not_start_leaves_nothing(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    response = ada.post(RUN, form(busybox, command="/no/such/program", auto_remove="on"))
    assert "command" in response.context["form"].errors
    assert response.context["left"] is None
    assert nothing_is_left(docker_cli)
