"""A folder of a container by API: what stands in it, whatever it is called, running or not."""

from collections.abc import Callable

from access.models import Team
from engine.archive import Listing
from tests.access.people import grant, user
from tests.api.client import is_problem, program, superuser
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

WRITES = (
    "mkdir -p /x/sub; cd /x; echo a > one; chmod 4750 one; ln -s one near; mkfifo pipe;"
    " echo > \"$(printf 'two\\nlines')\"; echo > \"$(printf 'b\\377d')\"; echo done"
)


def test_it_says_what_is_there_in_both_ways_of_looking(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = known(container("sh", "-c", f"{WRITES}; sleep 600"))
    until(lambda: "done" in docker_cli("logs", id).stdout)
    asks, one = program(superuser()), f"hosts/dock/containers/{id}/folder"
    running = asks.get(f"{one}?path=/x").json()
    docker_cli("kill", id)
    until(lambda: asks.get(f"hosts/dock/containers/{id}").json()["state"] == "exited")
    stopped = asks.get(f"{one}?path=/x").json()
    assert running == stopped
    files = {each["name"]: each for each in running["items"]}
    assert [*files] == ["sub", "b\N{REPLACEMENT CHARACTER}d", "near", "one", "pipe", "two\nlines"]
    one_file = files["one"]
    assert (one_file["mode"], one_file["size"], one_file["owner"]) == ("4750", 2, "root")
    assert files["near"]["link_target"] == "one"
    assert {files[name]["kind"] for name in ("two\nlines", "one")} == {"file"}
    page, found = asks.get(f"{one}?path=/x&limit=2").json(), list[str]()
    while page["next"]:
        found += [each["name"] for each in page["items"]]
        page = asks.get(f"{one}?path=/x&limit=2&cursor={page['next']}").json()
    assert [*found, *(each["name"] for each in page["items"])] == [*files]
    is_problem(asks.get(f"{one}?path=/none"), 404)


def test_who_may_not_read_files_lists_none(
    shop: Team, box: str, container: Callable[..., str]
) -> None:
    shop.members.add(person := user("dev"))
    grant(shop, "developer")
    asks, theirs = program(person), known(container(start=False))
    is_problem(asks.get(f"hosts/dock/containers/{box}/folder"), 403)
    is_problem(asks.get(f"hosts/dock/containers/{theirs}/folder"), 404)


def test_what_is_not_listed_whole_says_so() -> None:
    from containers.told_files import FolderAsked, folder

    assert folder(FolderAsked(limit=5), lambda path: Listing((), True)).partial
