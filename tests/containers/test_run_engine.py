"""What comes of a pasted line is what the command line makes of the same words.

Where the rules of the host add something, the form has named it: its flags before the words make
the command line's container equal to ours.
"""

import json
import secrets
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from access.models import Holding, Kind
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import LABEL, DockerCli
from tests.registry import free_port
from tests.runtime import Loop, until
from tests.spec_lines import comparable

RUN = "/hosts/dock/containers/run/"
KEY = secrets.token_hex(4)
NAME, VOLUME = f"run-equal-{KEY}", f"run-equal-{KEY}"

# All within the fence; of each kind one at most, so that the engine takes every choice.
KINDS = (
    ("-it", "-i", "-t"),
    ("--init", "--init=false"),
    ("-w /tmp", "--workdir=/bin"),
    ("-u 1000:1000", "--user app"),
    ("--hostname box --domainname example.org", "-h box"),
    ("--restart on-failure:4", "--restart=unless-stopped", "--restart no"),
    ("-p {port}:80", "-p 127.0.0.1:{port}:53/udp --expose 7000-7001"),
    ("--network none", "--dns 10.0.0.53 --dns-search example.org --add-host db:10.0.0.5"),
    ("-v {volume}:/data", "-v {volume}:/read:ro", "-v /anonymous", "-v {volume}:/n:nocopy"),
    ("--mount type=volume,source={volume},target=/v", "--mount type=tmpfs,dst=/v,tmpfs-size=1m"),
    ("--tmpfs /x:size=64k,noexec",),
    ("--read-only", "--shm-size 32m"),
    ("-m 64m --memory-swap 128m", "-m 64m --memory-reservation 32m", "--memory 1g"),
    ("--cpus 0.5", "-c 512", "--cpu-period 50000 --cpu-quota 25000"),
    ("--pids-limit 100", "--ulimit nofile=1024:2048"),
    ("--no-healthcheck", "--health-cmd 'test -f /ok || exit 1' --health-interval=1m30s"),
    ("--log-opt max-size=1m", "--log-driver local", "--log-driver=json-file"),
    ("--cap-drop ALL", "--security-opt no-new-privileges"),
    ("--stop-signal SIGINT --stop-timeout 3",),
    ("--entrypoint /bin/sleep", "--entrypoint ''"),
)
TEXT = st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=9)
PAIR = st.builds("{}={}".format, st.sampled_from(("A", "B_2", "lower")), TEXT)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """The words between ``docker run -d --name …`` and the image."""
    chosen = [draw(st.sampled_from(("", *kind))) for kind in KINDS]
    if "--network none" in chosen:  # ours refuses ports then, before the engine is asked
        chosen = [part for part in chosen if not part.startswith("-p ")]
    pairs = draw(st.lists(st.tuples(st.sampled_from(("-e", "--label")), PAIR), max_size=4))
    words = shlex.split(" ".join(chosen).format(port=free_port(), volume=VOLUME))
    return [*words, *(word for pair in pairs for word in pair)]


@pytest.fixture
def bob(runtime: Loop, docker_cli: DockerCli, busybox: str) -> Iterator[Client]:
    grant(team("shop", user("bob")), Role.DEVELOPER)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    client = Client()
    client.force_login(user("bob"))
    yield client
    docker_cli("rm", "--force", "--volumes", NAME, check=False)
    docker_cli("volume", "rm", VOLUME, check=False)


@pytest.fixture
def theirs_is_ours(bob: Client, docker_cli: DockerCli, busybox: str) -> Callable[[list[str]], None]:
    """Run these words both ways, one after the other, and compare all that the engine says."""

    def seen() -> dict[str, Any]:
        inspect: dict[str, Any] = json.loads(docker_cli("inspect", NAME).stdout)[0]
        docker_cli("rm", "--force", "--volumes", NAME)
        return comparable(inspect)

    def both(words: list[str]) -> None:
        flags = ["-d", "--name", NAME, "--label", LABEL, *words]
        line = shlex.join(["docker", "run", *flags, busybox, "sleep", "60"])
        initial = bob.post(f"{RUN}line/", {"line": line}).context["form"].initial
        texts = {k: "on" if v is True else str(v) for k, v in initial.items() if v}
        added = bob.post(f"{RUN}preview/", texts).context["added"]
        answer = bob.post(RUN, texts)
        assert answer.status_code == 302, (line, answer.context["form"].errors)
        ours = seen()
        docker_cli("run", *shlex.split(" ".join(added)), *flags, busybox, "sleep", "60")
        assert ours == seen(), line

    return both


def test_all_at_once(theirs_is_ours: Callable[[list[str]], None]) -> None:
    first = " ".join(kind[0] for kind in KINDS if kind[0] != "--network none")
    texts = ["-e", 'A=it\'s $5 "now"\n#\\', "--label", "a=b=c "]
    theirs_is_ours([*shlex.split(first.format(port=free_port(), volume=VOLUME)), *texts])


def explored(most: int) -> settings:
    return settings(
        deadline=None,
        max_examples=most,
        phases=(Phase.generate,),  # each costs seconds: none is tried again smaller
        suppress_health_check=list(HealthCheck),
    )


@explored(2)
@given(words=lines())
def test_a_few(theirs_is_ours: Callable[[list[str]], None], words: list[str]) -> None:
    theirs_is_ours(words)


@pytest.mark.long
@explored(150)
@given(words=lines())
def test_many(theirs_is_ours: Callable[[list[str]], None], words: list[str]) -> None:
    theirs_is_ours(words)
