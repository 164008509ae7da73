"""Builds: the same image as the command line's, failures in the engine's words, nothing left."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Holding
from access.secrets import MASK
from audit.models import Entry
from hosts.live import engine_of
from images.build_output import Output
from images.building import waiting
from jobs import runner
from jobs.models import Job
from jobs.progress import Picture, Progress
from tests.conftest import DockerCli
from tests.images.conftest import remove_marked
from tests.images.people import ended, job_at, signed_in
from tests.runtime import Loop, until

Build = Callable[..., Job]
SHAPE = "{{json .Config}} {{.Os}}/{{.Architecture}} {{.Author}}"


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """A name that all images of one test begin with, and a label of every step's image."""
    mark = f"bld-{secrets.token_hex(4)}"
    yield mark
    remove_marked(docker_cli, mark)


@pytest.fixture
def build(ada: Client) -> Build:
    def start(dockerfile: str, **fields: str) -> Job:
        response = ada.post(
            reverse("image-build", args=["dock"]), {"dockerfile": dockerfile, **fields}
        )
        assert response.status_code == 302, response.content.decode()
        return job_at(response.url)

    return start


def looks(docker_cli: DockerCli, ref: str) -> tuple[Any, ...]:
    shape = docker_cli("inspect", "--format", SHAPE, ref).stdout
    config, rest = json.loads(shape[: shape.rindex("} ") + 1]), shape[shape.rindex("} ") :]
    config.pop("Image", None)  # the id of the step before, which has its time in it
    steps = docker_cli("history", "--no-trunc", "--format", "{{.CreatedBy}} {{.Size}}", ref).stdout
    return config, rest, steps


def nothing_left(docker_cli: DockerCli, mark: str) -> bool:
    """No container and no image without a name of this test's."""
    label = f"--filter=label=of={mark}"
    containers = docker_cli("ps", "-aq", label).stdout
    return not (containers + docker_cli("images", "-q", "--filter=dangling=true", label).stdout)


def dockerfile(busybox: str, mark: str) -> str:
    return (
        f"ARG BASE={busybox}\nFROM $BASE AS first\nLABEL of={mark}\nARG WORD=a\n"
        "RUN echo $WORD > /word \\\n  # in between\n\n  && echo done\n"
        f'FROM {busybox}\nMAINTAINER somebody\nLABEL of={mark} text="a b"\n'
        "COPY --from=first --chown=1:1 /word /there\nCOPY . /context/\n"
        'ENV A=1 B="x y"\nWORKDIR /srv\nEXPOSE 80\nVOLUME /data\nUSER 1\nCMD ["cat", "/there"]\n'
    )


def test_it_is_the_image_that_the_command_line_builds(
    build: Build, ada: Client, busybox: str, docker_cli: DockerCli, mark: str
) -> None:
    text, names = dockerfile(busybox, mark), (f"{mark}/app:1", f"{mark}/app:also")
    job = ended(build(text, tags="\n".join(names), args="WORD=b", labels="x.y=z"))
    assert (job.state, job.error) == ("done", "")
    assert job.result["tags"] == list(names)
    assert until(lambda: nothing_left(docker_cli, mark), 20)
    options = ("--build-arg=WORD=b", "--label=x.y=z", "--no-cache", f"--tag={mark}/cli:1")
    docker_cli("build", *options, "-", input=text)
    assert looks(docker_cli, names[0]) == looks(docker_cli, f"{mark}/cli:1")
    docker_cli("image", "prune", "--force", f"--filter=label=of={mark}")
    row = engine_of("dock").mirror.snapshot.images[job.result["image_id"]]
    assert row.tags == tuple(sorted(names))
    page = ada.get(reverse("job-detail", args=[job.id])).content.decode()
    assert re.search(rf"<b>Step 2/\d+ : FROM {busybox} AS first</b>", page)
    assert reverse("image-detail", args=["dock", row.id]) in page


def test_it_is_recorded_and_belongs_to_its_builder(
    build: Build, busybox: str, mark: str, ada: Client
) -> None:
    text = f"FROM {busybox}\nARG API_TOKEN\nLABEL of={mark}\nRUN echo $API_TOKEN is it\n"
    job = ended(build(text, tags=f"{mark}/app:1", args="API_TOKEN=hunter22-secret"))
    intent, result = Entry.objects.filter(event="image.build").order_by("seq")
    assert (intent.result, result.result, result.object_id) == (
        "intent",
        "ok",
        job.result["image_id"],
    )
    assert intent.command_line == (
        f"docker build --tag={mark}/app:1 '--build-arg=API_TOKEN={MASK}' - < Dockerfile"
    )
    picture = Picture.of_json(job.progress)
    assert f"{MASK} is it" in picture.lines
    page = ada.get(reverse("job-detail", args=[job.id])).content.decode()
    for told in (page, str(list(Entry.objects.values())), str(job.params), str(job.progress)):
        assert "hunter22" not in told
    held = Holding.objects.get(kind="image", name=job.result["image_id"])
    assert (held.team, held.user and held.user.username) == (None, "ada")


def test_a_step_that_fails_says_so_in_the_engines_words_and_leaves_nothing(
    build: Build, busybox: str, docker_cli: DockerCli, mark: str
) -> None:
    text = f"FROM {busybox} AS a\nLABEL of={mark}\nRUN true\nFROM a\nRUN echo out; exit 3\n"
    job = ended(build(text, tags=f"{mark}/app:1"))
    assert job.state == "failed"
    assert job.error == "The command '/bin/sh -c echo out; exit 3' returned a non-zero code: 3"
    assert "out" in Picture.of_json(job.progress).lines
    assert until(lambda: nothing_left(docker_cli, mark), 20)
    assert not docker_cli("images", "-q", f"{mark}/app").stdout
    assert Entry.objects.get(event="image.build", result="failed").reason == job.error


def test_cancelled_in_the_middle_of_a_step_it_leaves_nothing(
    build: Build, ada: Client, busybox: str, docker_cli: DockerCli, mark: str
) -> None:
    job = build(f"FROM {busybox}\nLABEL of={mark}\nRUN true\nRUN echo asleep; sleep 600\n")

    until(lambda: asleep(job), 30)
    ada.post(reverse("job-cancel", args=[job.id]))
    assert ended(job).state == "cancelled"
    assert until(lambda: nothing_left(docker_cli, mark), 30)
    again = ada.post(reverse("job-retry", args=[job.id]))
    assert again.status_code == 302
    until(lambda: asleep(job_at(again.url)), 30)
    ada.post(reverse("job-cancel", args=[job_at(again.url).id]))
    ended(job_at(again.url))
    assert until(lambda: nothing_left(docker_cli, mark), 30)


def asleep(job: Job) -> bool:
    run = runner.find(job.id)
    return run is not None and "asleep" in run.progress.picture().lines


def test_a_base_that_is_not_here_is_pulled_and_held(
    build: Build, publish: Callable[..., str], mark: str
) -> None:
    base = publish(size=1000)
    job = ended(build(f"FROM {base}\nLABEL of={mark}\nCOPY --from={base} /blob /b\n"))
    assert (job.state, job.error) == ("done", "")
    pulled = engine_of("dock").commands.image(base)
    assert Holding.objects.get(kind="image", name=pulled.id).user is not None
    engine_of("dock").commands.remove_image(job.result["image_id"], force=False)


def test_output_is_plain_text_and_a_flood_is_bounded() -> None:
    progress = Progress(most_lines=2000)
    output = Output(progress, (("API_KEY", "hunter22"), ("WORD", "said")))
    odd = "\x1b[31mred\x1b[0m \x1b]0;title\x07a\x08b\x00\r50%\r100%\n hunter22 said\nPASSWORD=x y\n"
    for piece in (odd[:9], odd[9:], "no end"):
        output.take({"stream": piece})
    output.end()
    assert progress.picture().lines == ("100%", f" {MASK} said", f"PASSWORD={MASK} y", "no end")
    started = time.monotonic()
    output.take({"stream": "ENV A=" + " " * 2_000_000 + "\n" + "y\n" * 1_000_000})
    assert time.monotonic() - started < 5
    picture = progress.picture()
    assert len(picture.lines) < 600
    assert "… 999501 lines are left out" in picture.lines


def test_settings_that_are_not_kept_are_told(build: Build, ada: Client, busybox: str) -> None:
    job = ended(build(f"FROM {busybox}\nRUN exit 1\n"))
    waiting._asked.clear()
    again = job_at(ada.post(reverse("job-retry", args=[job.id])).url)
    assert "fill in the form" in ended(again).error


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dockerfile": ""}, "Give either a Dockerfile or a context"),
        ({"dockerfile": "RUN x"}, "there is no FROM in it"),
        ({"dockerfile": "FROM a\nFOO x"}, "line 2: “FOO” is no instruction"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "tags": "NGINX"}, "small letters"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "tags": "a@sha256:" + "a" * 64}, "digest"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "args": "x"}, "write NAME=value"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "args": "a-b=1"}, "no argument"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "labels": "Wharfinger.x=1"}, "are ours"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "target": "a b"}, "A stage"),
        ({"dockerfile": "FROM scratch\nCOPY . /", "platform": "x"}, "linux/amd64"),
    ],
)
def test_bad_input_is_said_at_its_field(ada: Client, fields: dict[str, str], words: str) -> None:
    response = ada.post(reverse("image-build", args=["dock"]), fields)
    assert response.status_code in (403, 422)
    assert words in response.content.decode()
    assert not Job.objects.exists()


def test_the_preview_has_the_line_and_what_would_be_refused(ada: Client, busybox: str) -> None:
    fields = {"dockerfile": f"FROM {busybox}\nADD http://x /", "args": "PASSWORD=x", "tags": "a"}
    page = ada.post(reverse("image-build-preview", args=["dock"]), fields).content.decode()
    assert f"docker build --tag=a:latest &#x27;--build-arg=PASSWORD={MASK}&#x27;" in page
    assert "line 2: ADD fetches nothing here" in page
