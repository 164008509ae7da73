"""Create, list, inspect and remove, compared with what the docker command line then says."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from access.models import Holding, OwnedContainer
from audit.models import Entry, Result
from tests.access.matrix_cast import until_known
from tests.api.client import program
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime
from tests.volumes.conftest import ALL, Yard, hold

Make = Callable[..., str]
LIST = f"{ALL}?whole=1"


def inspected(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("volume", "inspect", name).stdout)[0]
    return found


def there(docker_cli: DockerCli, name: str) -> bool:
    return docker_cli("volume", "inspect", name, check=False).returncode == 0


def test_a_new_volume_is_the_teams(yard: Yard, volume: Make, docker_cli: DockerCli) -> None:
    name = f"{volume.mark}-made"  # type: ignore[attr-defined]
    sent = {"name": name, "labels": "tier=backend\nurl=a=b"}
    assert yard.browser("ann").post(f"{ALL}_create/", sent).status_code == 302
    made = inspected(docker_cli, name)
    assert made["Labels"] == {"tier": "backend", "url": "a=b"}
    assert (made["Driver"], made["Options"]) == ("local", None)
    assert Holding.objects.get(kind="volume", name=name).team == yard.shop
    row = Entry.objects.filter(event="volume.create", result=Result.OK).latest("seq")
    assert row.command_line == f"docker volume create --label=tier=backend --label=url=a=b {name}"
    assert name in yard.browser("ann").get(LIST).content.decode()
    assert name not in yard.browser("bea").get(LIST).content.decode()
    assert yard.browser("bea").get(f"{ALL}{name}/").status_code == 404


def test_a_taken_name_is_told_and_not_taken_over(
    yard: Yard, volume: Make, docker_cli: DockerCli
) -> None:
    name = volume()
    answer = yard.browser("ann").post(f"{ALL}_create/", {"name": name})
    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()
    assert not Holding.objects.filter(kind="volume", name=name).exists()


@pytest.mark.parametrize("name", ["x", "-x", "a/b", "a b", "..", "f" * 64, "é", "a" * 201])
def test_a_bad_name_is_told_at_its_field(yard: Yard, name: str) -> None:
    answer = yard.browser("ann").post(f"{ALL}_create/", {"name": name})
    assert answer.status_code == 422
    told = program(yard.people["ann"]).post("hosts/dock/volumes", {"name": name})
    assert told.status_code == 422
    assert told.json()["errors"][0]["field"] == "name"


def test_two_teams_that_want_one_name_do_not_both_get_it(yard: Yard, volume: Make) -> None:
    name = f"{volume.mark}-race"  # type: ignore[attr-defined]
    browsers, answers = [yard.browser("ann"), yard.browser("bea")], []
    threads = [
        threading.Thread(
            target=lambda each=each: answers.append(
                each.post(f"{ALL}_create/", {"name": name}).status_code
            )
        )
        for each in browsers
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(answers) == [302, 422]
    assert Holding.objects.filter(kind="volume", name=name).count() == 1


def test_removing_asks_for_the_name(yard: Yard, volume: Make, docker_cli: DockerCli) -> None:
    name = volume()
    hold(name, yard.shop)
    ann = yard.browser("ann")
    assert "typed_name" in ann.get(f"{ALL}{name}/remove/").content.decode()
    for typed in ("", name[:-1], name.upper()):
        answer = ann.post(f"{ALL}{name}/remove/", {"typed_name": typed})
        assert answer.status_code == 422, typed
    assert there(docker_cli, name)
    assert ann.post(f"{ALL}{name}/remove/", {"typed_name": name}).status_code == 302
    assert not there(docker_cli, name)
    assert not Holding.objects.filter(kind="volume", name=name).exists()
    assert ann.get(f"{ALL}{name}/").status_code == 404


def test_what_blocks_a_removal_is_named(
    yard: Yard, volume: Make, docker_cli: DockerCli, container: Make
) -> None:
    name = volume()
    hold(name, yard.shop)
    id = container("true", options=("-v", f"{name}:/data"), start=False)
    until_known(id)
    blocker = docker_cli("inspect", "-f", "{{.Name}}", id).stdout.strip().lstrip("/")
    root = yard.browser("root")
    page = root.get(f"{ALL}{name}/remove/").content.decode()
    assert blocker in page
    assert "typed_name" not in page
    told = root.post(f"{ALL}{name}/remove/", {"typed_name": name})
    assert told.status_code == 409
    assert blocker in told.content.decode()
    # Whose container it is: not told to another team.
    told = yard.browser("ann").post(f"{ALL}{name}/remove/", {"typed_name": name})
    assert told.status_code == 409
    assert blocker not in told.content.decode()
    assert id not in told.content.decode()
    assert "other teams" in told.content.decode()
    assert there(docker_cli, name)


def test_seen_by_who_holds_it_shares_it_or_has_a_container_with_it(
    yard: Yard, volume: Make, container: Make
) -> None:
    own, shared, used, hidden = (volume(name=each) for each in ("own", "shared", "used", "hid"))
    hold(own, yard.shop)
    hold(shared)
    id = container("true", options=("-v", f"{used}:/data"), start=False)
    OwnedContainer.objects.create(host="dock", container_id=id, team=yard.shop, how="created")
    until_known(id)
    ann = yard.browser("ann")
    page = ann.get(LIST).content.decode()
    assert [each in page for each in (own, shared, used, hidden)] == [True, True, True, False]
    # Seen by its use, it is nobody's to remove; a shared one neither.
    for name, status in ((own, 200), (shared, 403), (used, 403), (hidden, 404)):
        assert ann.get(f"{ALL}{name}/remove/").status_code == status, name
    listed = program(yard.people["ann"]).get("hosts/dock/volumes").json()["items"]
    assert {own, shared, used} <= {each["name"] for each in listed}
    assert hidden not in {each["name"] for each in listed}
    assert next(each for each in listed if each["name"] == used)["containers"] == [id]


def test_filter_and_order(yard: Yard, volume: Make) -> None:
    one, two = volume("--label", "tier=back", name="aaa"), volume(name="bbb")
    root = yard.browser("root")
    page = root.get(f"{LIST}&q=label:tier=back").content.decode()
    assert one in page
    assert two not in page
    page = root.get(f"{LIST}&sort=-name").content.decode()
    assert page.index(two) < page.index(one)
    assert root.get(f"{LIST}&q=wrong:x").status_code == 200


def test_the_api_does_the_same(yard: Yard, volume: Make, docker_cli: DockerCli) -> None:
    name = f"{volume.mark}-api"  # type: ignore[attr-defined]
    ann = program(yard.people["ann"])
    made = ann.post("hosts/dock/volumes", {"name": name, "labels": {"a": "b"}})
    assert (made.status_code, made.json()) == (201, {"name": name})
    assert inspected(docker_cli, name)["Labels"] == {"a": "b"}
    told = ann.get(f"hosts/dock/volumes/{name}").json()
    assert (told["name"], told["labels"], told["containers"]) == (name, {"a": "b"}, [])
    assert ann.get(f"hosts/dock/volumes/{name}/inspect").json()["Name"] == name
    assert ann.post("hosts/dock/volumes", {"name": name}).status_code == 409
    assert (
        program(yard.people["bea"]).ask("DELETE", f"hosts/dock/volumes/{name}").status_code == 404
    )
    assert ann.ask("DELETE", f"hosts/dock/volumes/{name}").status_code == 204
    assert not there(docker_cli, name)


def test_a_superuser_gives_it_away(yard: Yard, volume: Make) -> None:
    name = volume()
    assert yard.browser("bea").get(f"{ALL}{name}/").status_code == 404
    sent = {"teams": ["bank"]}
    assert yard.browser("root").post(f"{ALL}{name}/give/", sent).status_code == 302
    assert yard.browser("bea").get(f"{ALL}{name}/").status_code == 200
    assert yard.browser("bea").post(f"{ALL}{name}/give/", {"shared": "on"}).status_code == 403
    assert yard.browser("ann").get(f"{ALL}{name}/").status_code == 404
