"""Builds and other teams: what is theirs is neither read, nor taken, nor used again; and the ways
to the host that a Dockerfile has, by the page and by the API."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import LazySettings
from django.test import Client

from access.actors import Actor
from access.errors import Denied, Fenced, Hidden
from access.models import FencePolicy, Holding, Quota, Team
from access.roles import Role
from audit.models import Entry, Result
from engine.build_spec import BuildSpec
from hosts.live import engine_of
from images import actions
from jobs.models import Job
from tests.access.payloads import IMAGES
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.images.conftest import mirrored, remove_marked
from tests.images.people import ended
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

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


@dataclass(frozen=True)
class Yard:
    """A developer of one team, the other team's own image, and a label of all that is tried."""

    who: Actor
    shop: Team
    bank: Team
    base: str
    theirs: str
    theirs_id: str
    mark: str

    def fill(self, text: str) -> str:
        return text.format(theirs=self.theirs, id=self.theirs_id, short=self.theirs_id[:12])


@pytest.fixture
def yard(
    runtime: Loop, docker_cli: DockerCli, busybox: str, settings: LazySettings
) -> Iterator[Yard]:
    mark = f"bld-{secrets.token_hex(4)}"
    shop, bank = team("shop", user("dev")), team("bank")
    for each in (shop, bank):
        grant(each, Role.DEVELOPER)
    FencePolicy.objects.create(host=dock(), registries="docker.io, 127.0.0.1:1")
    base = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind="image", name=base.id)
    theirs = f"127.0.0.1:1/{mark}/theirs:1"  # nothing listens there: the pull fails at once
    text = f"FROM {busybox}\nLABEL of={mark}\nENV THEIRS=1\n"
    docker_cli("build", "-t", theirs, "-", input=text)
    id = mirrored(docker_cli, theirs)
    Holding.objects.create(host="dock", kind="image", name=id, team=bank)
    yield Yard(actor(user("dev")), shop, bank, busybox, theirs, id, mark)
    remove_marked(docker_cli, mark)


def built(yard: Yard, text: str, **fields: object) -> Job:
    return ended(actions.build(yard.who, "dock", BuildSpec(text, **fields)))  # type: ignore[arg-type]


def unnamed(docker_cli: DockerCli, mark: str) -> set[str]:
    """Containers and images without a name that have this label."""
    label = f"--filter=label=of={mark}"
    found = docker_cli("ps", "-aq", label).stdout
    return set((found + docker_cli("images", "-q", "--filter=dangling=true", label).stdout).split())


WAITS = "RUN until [ -e /go ]; do sleep 0.1; done"


def step_of(docker_cli: DockerCli, mark: str) -> str:
    """The container of the step that WAITS, once it runs."""
    label = f"--filter=label=of={mark}"
    shape = "{{.ID}} {{.Command}}"
    told = until(
        lambda: [
            line
            for line in docker_cli("ps", "--no-trunc", "--format", shape, label).stdout.splitlines()
            if "until" in line
        ],
        30,
    )
    return str(told[0].split()[0])


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


def test_the_image_is_the_teams_and_a_base_stays_whose_it_was(
    yard: Yard, docker_cli: DockerCli
) -> None:
    job = built(yard, f"FROM {yard.base}\nLABEL of={yard.mark}\n", tags=(f"{yard.mark}/a:1",))
    assert Holding.objects.get(name=job.result["image_id"]).team == yard.shop
    nothing = built(yard, f"FROM {yard.base}\n", tags=(f"{yard.mark}/b:1",))
    assert (nothing.state, nothing.result) == ("failed", {})
    assert "added nothing" in nothing.error
    assert not docker_cli("images", "-q", f"{yard.mark}/b").stdout
    a_trap_in_a_base_is_seen(yard, docker_cli)


def test_steps_of_others_are_not_used_again(yard: Yard, docker_cli: DockerCli) -> None:
    """The very same steps: a guess at them would else show what they made."""
    text = f"FROM {yard.base}\nLABEL of={yard.mark}\nENV THEIRS=1\n"
    first = built(yard, text, tags=(f"{yard.mark}/a:1",))
    assert first.result["image_id"] != yard.theirs_id
    assert "Using cache" not in str(first.progress)
    again = built(yard, text, tags=(f"{yard.mark}/b:1",))
    assert again.result["image_id"] == first.result["image_id"]
    assert "Using cache" in str(again.progress)
    fresh = built(yard, text, tags=(f"{yard.mark}/b:1",), no_cache=True)
    assert fresh.result["image_id"] != first.result["image_id"]


def test_while_it_runs_it_has_its_teams_room_and_a_name_may_become_anothers(
    yard: Yard, docker_cli: DockerCli
) -> None:
    grants = {"memory": 2**30, "memory_each": 96 * 2**20, "cpus": 2, "cpus_each": "0.5"}
    quota = Quota.objects.create(team=yard.shop, host=dock(), **grants)
    name, text = f"{yard.mark}/app:1", f"FROM {yard.base}\nLABEL of={yard.mark}\n{WAITS}\n"
    job = actions.build(yard.who, "dock", BuildSpec(text, tags=(name,)))
    step = step_of(docker_cli, yard.mark)
    limits = "{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}} {{.HostConfig.NetworkMode}}"
    told = docker_cli("inspect", "-f", limits + " {{.HostConfig.Privileged}}", step).stdout
    assert told.split() == [str(96 * 2**20), "50000", "default", "false"]
    refused_for_room(yard, quota)
    docker_cli("tag", yard.theirs, name)
    until(lambda: engine_of("dock").mirror.find_image(name), 20)
    docker_cli("exec", step, "touch", "/go")
    over = ended(job)
    assert (over.state, "of others" in over.error) == ("failed", True)
    assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip()[7:] == yard.theirs_id
    assert Holding.objects.get(kind="image", name=over.result["image_id"]).team == yard.shop
    docker_cli("rmi", over.result["image_id"])


def refused_for_room(yard: Yard, quota: Quota) -> None:
    for field, most, words in (("memory", 100 * 2**20, "no room"), ("containers", 0, "containers")):
        setattr(quota, field, most)
        quota.save()
        with pytest.raises(Denied, match=words):
            actions.build(yard.who, "dock", BuildSpec(f"FROM {yard.base}\nRUN true\n"))


def who_may_not_build_does_not(yard: Yard) -> None:
    other = team("others", user("op"))
    grant(other, Role.OPERATOR)
    with pytest.raises(Denied):
        actions.build(actor(user("op")), "dock", BuildSpec(f"FROM {yard.base}\n"))
    with pytest.raises(Hidden):
        actions.build(actor(user("nobody")), "dock", BuildSpec(f"FROM {yard.base}\n"))
    with pytest.raises(Denied, match="team"):
        actions.build(yard.who, "dock", BuildSpec(f"FROM {yard.base}\n", team="bank"))


def a_trap_in_a_base_is_seen(yard: Yard, docker_cli: DockerCli) -> None:
    name = f"{yard.mark}/trap:1"
    trap = f"FROM {yard.base}\nLABEL of={yard.mark}\nONBUILD COPY --from={yard.theirs} / /x\n"
    docker_cli("build", "-t", name, "-", input=trap)
    Holding.objects.create(
        host="dock", kind="image", name=mirrored(docker_cli, name), team=yard.shop
    )
    job = built(yard, f"FROM {name}\n")
    assert job.state == "failed"
    assert "ONBUILD takes no COPY from another image" in job.error
