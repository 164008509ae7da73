"""Whose a built image is, what it is made of again, and what room a build takes."""

import pytest

from access.errors import Denied
from access.models import Holding, Quota
from engine.build_spec import BuildSpec
from hosts.live import engine_of
from images import actions
from tests.access.build_cast import Yard, built
from tests.access.build_cast import yard as yard
from tests.access.people import dock
from tests.conftest import DockerCli
from tests.images.conftest import mirrored
from tests.images.people import ended
from tests.runtime import until

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
