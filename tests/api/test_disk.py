"""Disk use by object, by API: the very bytes of the command line, and each person's own."""

from collections.abc import Callable

from access.models import Team
from hosts.live import engine_of
from tests.api.client import program, superuser, viewer
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

DISK = "hosts/dock/disk"


def test_sizes_are_those_of_the_command_line(
    runtime: Loop, shop: Team, box: str, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    write = "dd if=/dev/zero of=/written bs=1000 count=321; cp /written /data/"
    id = known(container("sh", "-c", write, options=("-v", "/data")))
    docker_cli("wait", id)
    until(lambda: not engine_of("dock").mirror.snapshot.containers[id].running, 20)
    told = program(superuser()).get(f"{DISK}?measure=true").json()
    kinds = {kind["kind"]: {each["id"]: each for each in kind["items"]} for kind in told["kinds"]}
    assert set(kinds) == {"images", "containers", "volumes", "build-cache"}
    written = docker_cli("inspect", "--size", "-f", "{{.SizeRw}}", id).stdout.strip()
    assert str(kinds["containers"][id]["size"]) == written
    assert (int(written), kinds["containers"][id]["used"]) == (321_000, False)
    image, size = docker_cli("inspect", "-f", "{{.Image}}", id).stdout.strip()[7:], "{{.Size}}"
    assert (
        str(kinds["images"][image]["size"]) == docker_cli("inspect", "-f", size, image).stdout[:-1]
    )
    assert kinds["images"][image]["used"]
    volume = docker_cli("inspect", "-f", "{{(index .Mounts 0).Name}}", id).stdout.strip()
    assert kinds["volumes"][volume]["used"]
    assert not told["part"]
    seen = viewer(shop).get(DISK).json()
    assert (seen["at"], seen["part"]) == (told["at"], True)
    assert [kind["kind"] for kind in seen["kinds"]] == ["images", "containers", "volumes"]
    assert [each["id"] for each in seen["kinds"][1]["items"]] == [box]
    assert seen["kinds"][2]["items"] == []
