"""How registry credentials travel to the engine."""

import base64
import json

from engine.types import RegistryAuth

DOCKER_HUB = "https://index.docker.io/v1/"
_HUB_NAMES = ("", "docker.io", "index.docker.io", "registry-1.docker.io")


def auth_body(auth: RegistryAuth) -> dict[str, str]:
    """The body of ``POST /auth``; Docker Hub has an address of its own there."""
    return {
        "username": auth.username,
        "password": auth.password,
        "serveraddress": DOCKER_HUB if auth.registry in _HUB_NAMES else auth.registry,
    }


def auth_header(auth: RegistryAuth | None) -> dict[str, str]:
    """``X-Registry-Auth``; a push needs one even when there is nothing to say."""
    text = json.dumps(auth_body(auth) if auth else {})
    return {"X-Registry-Auth": base64.urlsafe_b64encode(text.encode()).decode()}
