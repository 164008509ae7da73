"""Running a container by the form: made as asked, or refused in words beside the field."""

import json
import os
import secrets
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from access.secrets import MASK
from audit.models import Entry
from hosts.live import engine_of
from jobs.models import Job
from tests.conftest import LABEL, DockerCli
from tests.images.conftest import local_image as local_image
from tests.images.conftest import publish as publish
from tests.registry import free_port
from tests.runtime import Loop, until

RUN = "/hosts/dock/containers/run/"
NAME = "run-form-test"


@pytest.fixture
def ada(runtime: Loop, client: Client, docker_cli: DockerCli) -> Iterator[Client]:
    client.force_login(User.objects.create_superuser("ada"))
    yield client
    docker_cli("rm", "--force", "--volumes", NAME, check=False)
    docker_cli("volume", "rm", "run-form-data", check=False)


def form(image: str, **fields: str) -> dict[str, str]:
    return {"image": image, "name": NAME, "detach": "on", "labels": LABEL, **fields}


def made(docker_cli: DockerCli) -> dict[str, dict[str, object]]:
    return json.loads(docker_cli("inspect", NAME).stdout)[0]


def nothing_is_left(docker_cli: DockerCli) -> bool:
    return not docker_cli("ps", "--all", "--quiet", "--filter", f"name={NAME}").stdout


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


def test_a_pasted_line_fills_the_form_and_unknown_flags_are_kept_in_sight(
    ada: Client, busybox: str
) -> None:
    line = f"docker run -d --name {NAME} -p 8080:80 -e A=b --no-such-flag {busybox} sleep 9"
    page = ada.post(f"{RUN}line/", {"line": line}, headers={"HX-Request": "true"})
    text = page.content.decode()
    for there in (NAME, "8080:80", "A=b", "<del>--no-such-flag</del>", "sleep 9"):
        assert there in text
    refused = ada.post(RUN, form(busybox, unknown="--no-such-flag"))
    assert refused.status_code == 422
    assert "Take these out first" in str(refused.context["form"].errors["unknown"])
    assert "<del>--no-such-flag</del>" in refused.content.decode()
    assert ada.post(RUN, form(busybox, ports="")).status_code == 302


def test_the_panel_shows_the_equal_line_and_what_is_taken(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    docker_cli("create", "--label", LABEL, "--name", NAME, busybox)
    mirror = engine_of("dock").mirror
    until(lambda: mirror.find_container(NAME))
    text = ada.post(f"{RUN}preview/", form(busybox, env="TOKEN=abc")).content.decode()
    assert "docker run -d" in text
    assert f"The name {NAME} is taken." in text


def test_the_page_after_says_what_was_done_and_by_which_line(ada: Client, busybox: str) -> None:
    page = ada.get(ada.post(RUN, form(busybox, command="sleep 60", env="TOKEN=x"))["Location"])
    text = page.content.decode()
    assert f"{NAME} was created and started." in text
    assert f"<code>docker run -d --name {NAME}" in text
    assert f"TOKEN={MASK}" in text
    assert "TOKEN=x" not in text


def test_what_a_shell_would_replace_is_told_until_it_is_gone(ada: Client) -> None:
    page = ada.post(f"{RUN}line/", {"line": "docker run -v $(pwd):/srv -e A=$B x"})
    told = page.context["form"].initial
    assert [check.text.split(" ")[0] for check in page.context["checks"]][-2:] == ["$(pwd)", "$B"]
    texts = {key: "on" if value is True else value for key, value in told.items() if value}
    panel = ada.post(f"{RUN}preview/", texts | {"mounts": "/srv:/srv"})
    assert "$(pwd)" not in str(panel.context["checks"])
    assert "$B stands as it is" in str(panel.context["checks"])
    assert "- $(pwd)" not in panel.context["compose"]
    assert "$$B" in panel.context["compose"]


def test_what_an_image_offers_is_taken_by_ticks_alone(
    ada: Client, busybox: str, docker_cli: DockerCli
) -> None:
    """As a browser without scripts sends them; what a line speaks of already is not doubled."""
    port = free_port()
    ticks = ["publish 8080:80", f"publish {port}:81/udp", "env A=1", "env B=2"]
    asked = form(busybox, command="sleep 60", ports=f"{port}:80", env="A=own")
    response = ada.post(RUN, asked | {"offer": [*ticks, "volume /data", "other x", "env"]})
    assert response.status_code == 302, response.context["form"].errors
    inspect = made(docker_cli)
    bindings = inspect["HostConfig"]["PortBindings"]
    assert bindings["80/tcp"] == [{"HostIp": "", "HostPort": str(port)}]
    assert "81/udp" in bindings
    assert {"A=own", "B=2"} <= set(inspect["Config"]["Env"])
    assert "/data" in inspect["Config"]["Volumes"]


def test_the_form_is_hidden_from_who_may_not_create(runtime: Loop, busybox: str) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("mallory"))
    for page in ("", "line/", "preview/"):
        assert browser.post(RUN + page, form(busybox)).status_code == 404
    assert Client().post(RUN, form(busybox)).status_code == 401


def test_a_copy_keeps_its_secrets_on_the_server(
    ada: Client, busybox: str, docker_cli: DockerCli, container: Callable[..., str]
) -> None:
    options = ("-e", "DB_PASSWORD=hunter2", "-e", "LANG=C", "--label", "api_key=k-1", "--init")
    original = container("sleep", "60", image=busybox, options=options)
    until(lambda: original in engine_of("dock").mirror.snapshot.containers)
    page = ada.get(f"{RUN}?from={original}")
    initial = page.context["form"].initial
    assert "hunter2" not in page.content.decode()
    assert "k-1" not in page.content.decode()
    assert (initial["command"], initial["other"]) == ("sleep 60", "--init")
    texts = {k: "on" if v is True else str(v) for k, v in initial.items() if v}
    response = ada.post(RUN, texts | {"name": NAME})
    assert response.status_code == 302, response.context["form"].errors
    copy = made(docker_cli)["Config"]
    assert {"DB_PASSWORD=hunter2", "LANG=C"} <= set(copy["Env"])
    assert copy["Labels"]["api_key"] == "k-1"
    assert "hunter2" not in "".join(Entry.objects.values_list("command_line", flat=True))


def test_a_mask_without_an_original_is_refused(ada: Client, busybox: str) -> None:
    response = ada.post(RUN, form(busybox, env=f"DB_PASSWORD={MASK}"))
    assert response.status_code == 422
    assert "DB_PASSWORD" in str(response.context["form"].errors["env"])


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


def test_what_the_image_offers(
    ada: Client, engine_url: str, docker_cli: DockerCli, local_image: Callable[..., str]
) -> None:
    plain, name = local_image(f"run-offers:{secrets.token_hex(4)}"), f"run-offered-{os.getpid()}:1"
    words = ("EXPOSE 80 53/udp", 'VOLUME ["/data"]', "ENV LANG=C PATH=/bin DB_PASSWORD=hunter2")
    changes = [part for word in words for part in ("--change", word)]
    id = docker_cli("create", plain, "serve").stdout.strip()
    docker_cli("commit", *changes, "--change", 'CMD ["serve", "all of it"]', id, name)
    docker_cli("rm", id)
    try:
        until(lambda: engine_of("dock").mirror.find_image(name))
        page = ada.get(f"{RUN}image/?image={name}")
        found = page.context["offers"]
    finally:
        docker_cli("rmi", name)
    assert found.command == "serve 'all of it'"
    assert {offer.line for offer in found.ports} == {"8080:80", "8053:53/udp"}
    assert [offer.line for offer in found.volumes] == ["/data"]
    assert [offer.line for offer in found.env] == ["LANG=C"]
    assert "hunter2" not in page.content.decode()
    assert ada.get(f"{RUN}image/?image=nobody/has:it").content.decode().strip() == ""


def test_a_text_that_is_no_command_is_told_and_one_too_long_refused(ada: Client) -> None:
    page = ada.post(f"{RUN}line/", {"line": "apt install docker"})
    assert "There is no “docker run” in this text." in page.content.decode()
    flags = "-p 1-1000 " * 5000
    page = ada.post(f"{RUN}line/", {"line": f"docker run {flags} x"})
    assert "more than 2,000 times" in page.content.decode()
    assert ada.post(f"{RUN}line/", {"line": "x" * 100_001}).status_code == 422
