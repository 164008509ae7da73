"""Builds and other teams: what is theirs is neither read nor taken; and the ways to the host that
a Dockerfile has, by the page and by the API."""

from collections.abc import Iterator

import pytest
from django.test import Client

from access.errors import Denied, Fenced, Hidden
from access.models import Holding
from access.roles import Role
from audit.models import Entry, Result
from engine.build_spec import BuildSpec
from images import actions
from jobs.models import Job
from tests.access.build_cast import Yard, unnamed
from tests.access.build_cast import yard as yard
from tests.access.payloads import IMAGES
from tests.access.people import actor, grant, team, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.images.people import ended
from tests.runtime import until

BUILD = "/hosts/dock/images/build/"
# What stands behind "FROM busybox", and how its refusal begins.
STEPS = [
    "COPY --from={theirs} / /x",
    "FROM {theirs}",
    "FROM {theirs} AS x",
    "FROM {short}",
    "FROM sha256:{id}",
    "COPY --from={short} / /x",
    "COPY --from=sha256:{id} / /x",
    "RUN --mount=type=bind,from={theirs},target=/x cat /x/secret",
    "RUN --mount=type=cache,target=/x ls /x",
    "RUN --mount=type=ssh,id=x ls",
    "RUN --network=host wget http://127.0.0.1/",
    "RUN --security=insecure mount",
    "RUN --device=vendor.com/gpu=all ls",
    "ADD http://127.0.0.1:2375/containers/json /x",
    "ADD http://169.254.169.254/latest/meta-data /x",
    "ADD --chown=0 https://x/y /x",
    "ADD git://x/y.git /x",
    "ENV U=http://127.0.0.1/\nADD $U /x",
    "ONBUILD ADD http://127.0.0.1/ /x",
    "ONBUILD COPY --from={theirs} / /x",
    "RUN <<EOF\nFROM {theirs}\nEOF",
    "RUN true \\\\\nFROM {theirs}",
    "RUN true\rFROM {theirs}",
    "\u00a0FROM {theirs}",
    "INCLUDE {theirs}",
    "FROM \\\n  # x\n {theirs}",
    "ARG X={theirs}\nFROM $X",
    "LABEL wharfinger.team=bank",
    "label a=1 Wharfinger.owner=bank",
    'LABEL "wharfinger.team"=bank',
    "LABEL 'wharfinger.team'=bank",
    'LABEL whar"finger".team=bank',
    "LABEL wharf\\inger.team=bank",
    "LABEL wharfinger.team bank",
    'LABEL a="b c" wharfinger.team="x y"',
    'LABEL a="b\\" c" wharfinger.team=bank',
    "LABEL a=1 \\\n wharfinger.team=bank",
    "ENV X=wharfinger\nLABEL $X.team=bank",
    "ENV X=finger.team\nLABEL whar${{X}}=bank",
    "ONBUILD LABEL wharfinger.team=bank",
]

BEFORE = [
    "# syntax=docker/dockerfile:1\n",
    "#  Syntax = evil.example/frontend\n",
    "# escape=`\n",
    "ARG X={theirs}\nFROM $X AS x\n",
    "ARG X={theirs}\nFROM ${{X:-scratch}} AS x\n",
    "ARG X\nFROM ${{X:-{theirs}}} AS x\n",
]


def attempts(yard: Yard) -> Iterator[str]:
    for step in STEPS:
        yield f"FROM {yard.base}\nLABEL of={yard.mark}\n{yard.fill(step)}\n"
    for head in BEFORE:
        yield f"{yard.fill(head)}FROM {yard.base}\nLABEL of={yard.mark}\n"


def test_no_dockerfile_reads_what_is_others_or_leads_to_the_host(
    yard: Yard, docker_cli: DockerCli
) -> None:
    """Refused by its line, or, what is here for others only, asked of its registry in vain."""
    fields, asked = set(), 0
    for text in attempts(yard):
        try:
            job = ended(actions.build(yard.who, "dock", BuildSpec(text)))
        except Fenced as refused:
            fields.add(refused.breaches[0][0])
            continue
        asked += 1
        assert job.state == "failed", text
        assert "Step 1" not in str(job.progress), text
    assert (fields, asked) == ({"dockerfile"}, 11)
    assert not Holding.objects.filter(name=yard.theirs_id).exclude(team=yard.bank).exists()
    assert until(lambda: not unnamed(docker_cli, yard.mark), 20)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
def test_by_the_page_and_the_api_it_is_the_same(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    client, asks = Client(headers={"accept": "text/html"}), program(user("dev"))
    client.force_login(user("dev"))
    for text in [text for text in attempts(yard) if yard.theirs not in text][::every]:
        sent = client.post(BUILD, {"dockerfile": text})
        answer = asks.post("hosts/dock/builds", {"dockerfile": text})
        assert (sent.status_code, answer.status_code) in ((403, 403), (302, 202)), text
        for job in Job.objects.all():  # ids of others, asked for as names
            assert ended(job).state == "failed", text
        if sent.status_code == 403:
            assert "line " in sent.content.decode(), text
            assert "line " in answer.content.decode(), text
    for key in (
        "networkmode",
        "Networkmode",
        "cgroupparent",
        "securityopt",
        "extrahosts",
        "remote",
    ):
        body = {"dockerfile": "FROM scratch\nCOPY . /", key: "host"}
        assert asks.post("hosts/dock/builds", body).status_code == 422
        before = Job.objects.count()
        assert client.post(BUILD, {**body, "dockerfile": "RUN x"}).status_code == 403
        assert Job.objects.count() == before
    denied = Entry.objects.filter(event="image.build", result=Result.DENIED)
    assert denied.count() > len(STEPS) // every


def no_image_of_another_registry_is_read(yard: Yard) -> None:
    for image in IMAGES:
        for step in (f"FROM {image}", f"FROM {yard.base}\nCOPY --from={image} / /"):
            with pytest.raises(Fenced):
                actions.build(yard.who, "dock", BuildSpec(f"{step}\n"))


def a_name_of_others_is_not_taken(yard: Yard, docker_cli: DockerCli) -> None:
    text = f"FROM {yard.base}\nLABEL of={yard.mark}\n"
    for tag in (yard.theirs, yard.base):  # another team's, and a shared one's
        with pytest.raises(Denied, match="is the name of an image of others"):
            actions.build(yard.who, "dock", BuildSpec(text, tags=(tag,)))
    Holding.objects.create(host="dock", kind="image", name=yard.theirs_id, team=yard.shop)
    with pytest.raises(Denied, match="of others"):  # that both have
        actions.build(yard.who, "dock", BuildSpec(text, tags=(yard.theirs,)))
    assert docker_cli("inspect", "-f", "{{.Id}}", yard.theirs).stdout.strip()[7:] == yard.theirs_id


def test_it_is_refused_at_the_door(yard: Yard, docker_cli: DockerCli) -> None:
    who_may_not_build_does_not(yard)
    no_image_of_another_registry_is_read(yard)
    a_name_of_others_is_not_taken(yard, docker_cli)
    assert not Job.objects.exists()


def who_may_not_build_does_not(yard: Yard) -> None:
    other = team("others", user("op"))
    grant(other, Role.OPERATOR)
    with pytest.raises(Denied):
        actions.build(actor(user("op")), "dock", BuildSpec(f"FROM {yard.base}\n"))
    with pytest.raises(Hidden):
        actions.build(actor(user("nobody")), "dock", BuildSpec(f"FROM {yard.base}\n"))
    with pytest.raises(Denied, match="team"):
        actions.build(yard.who, "dock", BuildSpec(f"FROM {yard.base}\n", team="bank"))
