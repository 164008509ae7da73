"""What fills the run form, and what its panel tells: a pasted line, an image, another container."""

import os
import secrets
from collections.abc import Callable

from django.test import Client

from access.secrets import MASK
from audit.models import Entry
from hosts.live import engine_of
from tests.conftest import LABEL, DockerCli
from tests.containers.run_cast import NAME, RUN, form, made
from tests.containers.run_cast import ada as ada
from tests.images.conftest import local_image as local_image
from tests.registry import free_port
from tests.runtime import until


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


def test_what_a_shell_would_replace_is_told_until_it_is_gone(ada: Client) -> None:
    page = ada.post(f"{RUN}line/", {"line": "docker run -v $(pwd):/srv -e A=$B x"})
    told = page.context["form"].initial
    assert {"$(pwd)", "$B"} <= {check.text.split(" ")[0] for check in page.context["checks"]}
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
