"""Who runs a container by the form, and what came of it."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from access.models import User
from tests.conftest import LABEL, DockerCli
from tests.runtime import Loop

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
