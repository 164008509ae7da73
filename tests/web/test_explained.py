"""What the engine's commonest sentences mean: said below them, in the reader's language."""

import json

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from access.models import User
from web.errors import answer
from web.explained import MEANINGS, meaning

TOLD = {
    "driver failed programming external connectivity on endpoint web (8c1): Bind for 0.0.0.0:80"
    " failed: port is already allocated": "host has this port",
    'Conflict. The container name "/web" is already in use by container "77f0". You have to remove'
    " (or rename) that container to be able to reuse that name.": "of this name",
    "write /var/lib/docker/tmp/GetImageBlob: no space left on device": "disk is full",
    "toomanyrequests: You have reached your pull rate limit.": "lets you pull no more",
    "no matching manifest for linux/arm64/v8 in the manifest list entries": "not made for",
    "manifest for nginx:nope not found: manifest unknown: manifest unknown": "no such tag",
    "pull access denied for acme/app, repository does not exist or may require 'docker login'": (
        "it is private"
    ),
    "denied: requested access to the resource is denied": "may not push",
    "unauthorized: authentication required": "refused the login",
    "http: server gave HTTP response to HTTPS client": "plain HTTP",
    "x509: certificate signed by unknown authority": "trust the certificate",
    "dial tcp: lookup registry.test on 127.0.0.11:53: no such host": "cannot reach",
    "conflict: unable to delete 3f0a (cannot be forced) - image is being used by running container"
    " 1a2b": "made from this image",
    "conflict: unable to delete 3f0a (must be forced) - image is referenced in multiple"
    " repositories": "several names",
    "conflict: unable to delete 3f0a - image has dependent child images": "built on this one",
    "remove data: volume is in use - [77f0]": "have this volume",
    "error while removing network: network front id 12 has active endpoints": "disconnect them",
    "Pool overlaps with other one on this address space": "addresses of this subnet",
    "exec /app: exec format error": "another kind of processor",
    'OCI runtime create failed: exec: "bash": executable file not found in $PATH: unknown': (
        "no such program"
    ),
    'exec: "/etc": permission denied: unknown': "cannot be run",
    "invalid mount config for type bind: bind source path does not exist: /srv": "does not fit",
    "You cannot remove a running container 77f0. Stop the container before": "stop it first",
    "Container 77f0 is not running": "start it first",
    "Container 77f0 is paused. Unpause the container before stopping": "unpause it first",
    "Container 77f0 is restarting, wait until the container is running": "look at its log",
    "removal of container 77f0 is already in progress": "wait a moment",
    "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available": "than the host has",
    "Minimum memory limit allowed is 6MB": "memory does not suffice",
    "invalid reference format": "no name of an image",
    "No such container: 77f0": "removed meanwhile",
    "The engine at unix:///x.sock cannot be reached: connection refused. Is the engine running?": (
        "systemctl"
    ),
    "The engine at unix:///x.sock did not answer within 10 s.": "busy or hang",
}


@pytest.mark.parametrize(("sentence", "part"), TOLD.items())
def test_a_sentence_of_the_engine_is_explained(sentence: str, part: str) -> None:
    assert part in meaning(sentence)


def test_each_meaning_is_met() -> None:
    assert len({meaning(sentence) for sentence in TOLD}) == len(MEANINGS)


@pytest.mark.parametrize("sentence", ["", "Pulled.", "There is no such host.", "It is paused: …"])
def test_other_sentences_stand_alone(sentence: str) -> None:
    assert meaning(sentence) == ""


@pytest.mark.django_db
def test_it_stands_below_the_engines_own_words(client: Client) -> None:
    words = "Bind for 0.0.0.0:80 failed: port is already allocated"
    asked = RequestFactory().get("/", headers={"hx-request": "true", "accept": "text/html"})
    asked.user = User()
    with translation.override("en"):
        response = answer(asked, 422, words)
    body = response.content.decode()
    assert body.index(words) < body.index("host has this port")
    assert "host has this port" in json.loads(response["HX-Trigger"])["toast"]["meaning"]
