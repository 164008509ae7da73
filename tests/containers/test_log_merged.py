"""Several logs in one view, on a real engine."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from access.models import User
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.containers.log_cast import Open
from tests.containers.log_cast import ada as ada
from tests.containers.log_cast import log as log
from tests.runtime import runtime as runtime
from tests.runtime import until

Container = Callable[..., str]
COUNT = "i=0; while [ $i -lt {0} ]; do i=$((i+1)); echo {1} $i; {2}; done"


def counting(container: Container, word: str, count: int, pause: str = "usleep 1000") -> str:
    return container("sh", "-c", COUNT.format(count, word, pause))


def test_what_is_stored_comes_in_the_order_of_time_and_goes_on_where_it_was(
    log: Open, container: Container, docker_cli: DockerCli
) -> None:
    ids = [counting(container, word, 300) for word in ("a", "b", "c")]
    docker_cli("wait", *ids)
    view = log(*ids, tail="all")
    until(lambda: len(view.lines) == 900)
    for place in range(3):
        view.told(event="ended", container=place, reason="exited", exit_code=0)
        own = [line.text for line in view.lines if line.place == place]
        assert own == [f"{'abc'[place]} {number}" for number in range(1, 301)]
    assert [line.ns for line in view.lines] == sorted(line.ns for line in view.lines)
    seen = view.lines[:500]
    last = {line.place: line.cursor for line in seen}
    after = [f"{ids[place]}:{cursor}" for place, cursor in last.items()]
    rest = log(*ids, tail="all", after=after)
    until(lambda: len(rest.lines) >= 400)
    assert rest.lines == view.lines[500:]


def test_live_lines_of_several_come_in_order_and_one_end_ends_no_other(
    log: Open, container: Container, docker_cli: DockerCli
) -> None:
    ids = [counting(container, word, 200, "usleep 5000") for word in ("a", "b")]
    quiet = container("sh", "-c", "echo quiet; sleep 3600")
    unread = container(options=("--log-driver", "none"))
    view = log(*ids, quiet, unread, tail="all")
    docker_cli("rm", "--force", quiet)
    view.told(event="ended", container=2, reason="removed")
    assert view.told(event="error", container=3)["reason"]
    docker_cli("wait", *ids)
    for place in (0, 1):
        view.told(event="ended", container=place, reason="exited")
        own = [line.text for line in view.lines if line.place == place]
        assert own == [f"{'ab'[place]} {number}" for number in range(1, 201)]
    view.say(search={"id": 1, "text": "(a|b) 7$|quiet", "regex": True, "context": 0})
    assert view.told(event="search", id=1, state="done")["hits"] == 2
    assert {(line.place, line.text) for line in view.found} == {(0, "a 7"), (1, "b 7")}
    assert view.code is None


def test_each_container_passes_the_gate(
    ada: Client, log: Open, container: Container, docker_cli: DockerCli
) -> None:
    ids = [container(), container()]
    log(*ids)
    address = reverse("merged-logs-ticket", args=["dock"])
    told = ada.post(address, {"id": ids}).json()["containers"]
    assert [one["id"] for one in told] == ids
    assert ada.post(address, {"id": [ids[0], "f" * 64]}).status_code == 404
    assert ada.post(address, {"id": [ids[0], ids[0]]}).status_code == 422
    assert ada.post(address, {"id": ids, "after": f"{'f' * 64}:1.0"}).status_code == 422
    assert ada.post(address, {"id": ids, "after": f"{ids[0]}:nowhere"}).status_code == 422
    known = engine_of("dock").mirror.snapshot.containers
    many = {"id": [*ids, *(id for id in known if id not in ids)]}
    assert ada.post(address, many).status_code == (422 if len(known) > 8 else 200)
    mallory = Client()
    mallory.force_login(User.objects.create_user("mallory"))
    assert mallory.post(address, {"id": ids}).status_code == 404


def test_the_new_container_of_a_name_is_told_with_its_place(
    log: Open, container: Container, docker_cli: DockerCli
) -> None:
    name = f"wharf-a1-merged-{id(log)}"
    first, second = container(), container(options=("--name", name))
    view = log(first, second)
    docker_cli("rm", "--force", second)
    new = container(options=("--name", name))
    assert view.told(event="successor", container=1) == {
        "event": "successor",
        "id": new,
        "name": name,
        "container": 1,
    }
    view.say(follow=new)
    until(lambda: view.code == 1008)
