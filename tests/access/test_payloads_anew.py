"""The escape payloads against a container that one has already: by a change of it, made anew."""

import pytest

from access.errors import Denied, Fenced
from access.models import OwnedContainer
from access.targets import ContainerTarget
from containers import actions
from hosts.live import engine_of
from jobs.models import Job
from tests.access.payload_yard import ALL, MAKERS, WITHOUT, Yard, left_behind, makers, turns
from tests.access.payload_yard import yard as yard
from tests.access.payloads import PAYLOADS
from tests.access.test_payloads_ways import browser, texts
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from tests.runtime import until


@pytest.mark.parametrize("every", [4, ALL])
def test_no_payload_passes_by_a_change_of_what_one_has(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    """The whole of what it would be is judged, whatever was there before; and it stays."""
    words = ("-l", yard.mark, "-l", "own=1", "--network", "none", yard.image, "sleep", "600")
    id = docker_cli("run", "-d", *words).stdout.strip()
    row = until(lambda: engine_of("dock").mirror.snapshot.containers.get(id), 30)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30)
    OwnedContainer.objects.create(host="dock", container_id=id, team=yard.shop, how="created")
    target = ContainerTarget.of("dock", row)
    for number, (line, field) in enumerate(PAYLOADS[::every]):
        for name in turns(browser, number, makers(line), every == 1):
            with pytest.raises(Fenced) as refused:
                actions.edit(yard.people[name], target, yard.spec(line))
            assert field in dict(refused.value.breaches), (line, name)
    for name in WITHOUT:
        with pytest.raises(Denied):
            actions.edit(yard.people[name], target, yard.spec(""))
        with pytest.raises(Denied):
            actions.recreate(yard.people[name], target)
    texted = texts(yard.spec("--privileged"), confirmed="1")
    sent = browser("developer").post(f"/hosts/dock/containers/{id}/edit/", texted)
    assert sent.status_code == 403
    assert "privileged:" in sent.content.decode()
    assert not Job.objects.exists()
    assert [each[:12] for each in left_behind(docker_cli, yard)] == [id[:12]]


def test_what_reaches_its_host_is_not_made_anew_by_its_owner(
    yard: Yard, docker_cli: DockerCli
) -> None:
    words = ("--cap-add", "SYS_ADMIN", "-l", yard.mark, yard.image, "sleep", "9")
    id = docker_cli("create", *words).stdout.strip()
    until(lambda: id in engine_of("dock").mirror.snapshot.containers, 30)
    OwnedContainer.objects.create(host="dock", container_id=id, team=yard.shop, how="created")
    target = ContainerTarget.of("dock", engine_of("dock").mirror.snapshot.containers[id])
    for name in MAKERS:
        with pytest.raises(Denied, match="reaches its host"):
            actions.edit(yard.people[name], target, yard.spec(""))
        with pytest.raises(Denied, match="reaches its host"):
            actions.recreate(yard.people[name], target)
    assert browser("developer").get(f"/hosts/dock/containers/{id}/edit/").status_code == 403
