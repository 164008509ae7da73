"""The Changes tab against what ``docker diff`` says, for containers that run and that do not."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from access.models import OwnedContainer, User
from audit.models import Entry
from containers import written_tree
from containers.written_tree import level
from engine.layer_diff import ADDED, Written
from engine.types import ContainerRow
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
WRITES = "mkdir -p /made/deep; echo a >'/made/deep/a <b> & c'; echo b >>/etc/passwd; rm /bin/yes"
ROW = re.compile(r'<b class="mark (\w?)"[^>]*>\w?</b><(?:a href="[^"]*"|span)>([^<]*)<')


@pytest.fixture
def browser(runtime: Loop) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(User.objects.create_superuser("root", password="x"))
    return made


def written(container: Callable[..., str], docker_cli: DockerCli, script: str = WRITES) -> str:
    """A container that wrote this and ended."""
    id = container("sh", "-c", script)
    docker_cli("wait", id)
    until(lambda: (row := row_of(id)) and row.state == "exited" and row.inspected)
    return id


def row_of(id: str) -> ContainerRow | None:
    return engine_of("dock").mirror.snapshot.containers.get(id)


def at(id: str, rest: str = "") -> str:
    return f"/hosts/dock/containers/{id}/changes/{rest}"


def names(page: str) -> list[tuple[str, str]]:
    return [(mark, unescape(name)) for mark, name in ROW.findall(page)]


def test_the_tree_is_what_the_command_line_says(
    browser: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = written(container, docker_cli)
    page = browser.get(at(id, "?whole=1")).content.decode()
    told = {(mark, name.rstrip("/")) for mark, name in names(page)}
    said = [line.split(" ", 1) for line in docker_cli("diff", id).stdout.splitlines()]
    assert told == {(mark, path.rpartition("/")[2]) for mark, path in said}
    assert len(names(page)) == len(said)
    for word, mark in (("All", ""), ("Changed", "C"), ("Added", "A"), ("Deleted", "D")):
        count = sum(mark in ("", each) for each, _path in said)
        assert f"{word} <b>{count}</b>" in page
    assert browser.get(at(id), headers=PART).content.decode().count("<details open") == 4
    bare = browser.get(at(id)).content.decode()
    assert "<details" not in bare
    assert "whole=1" in bare  # what somebody without scripts follows


def test_a_filter_a_kind_and_a_folder_of_its_own(
    browser: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = written(container, docker_cli)
    only = browser.get(at(id, "?whole=1&q=DEEP")).content.decode()
    assert names(only) == [("", "made/"), ("A", "deep/"), ("A", "a <b> & c")]
    assert "Added <b>2</b>" in only
    gone = browser.get(at(id, "?whole=1&kind=deleted")).content.decode()
    assert names(gone) == [("", "bin/"), ("D", "yes")]
    assert "files/view" not in gone
    inside = browser.get(at(id, "?whole=1&path=/made/deep")).content.decode()
    assert names(inside) == [("A", "a <b> & c")]
    part = browser.get(at(id, "folder/?path=/made"), headers=PART).content.decode()
    assert part.startswith("<ul>")
    assert names(part) == [("A", "deep/"), ("A", "a <b> & c")]
    assert "Nothing matches" in browser.get(at(id, "?whole=1&q=nowhere")).content.decode()
    assert browser.get(at(id, "?path=x")).status_code == 422


def test_a_changed_file_is_shown_and_a_folder_goes_on_to_its_files(
    browser: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = written(container, docker_cli)
    page = browser.get(at(id, "?whole=1")).content.decode()
    (address,) = [
        each for each in re.findall(r'href="([^"]*files/view[^"]*)"', page) if "passwd" in each
    ]
    assert '<span class="m">b</span>' in browser.get(unescape(address)).content.decode()
    folder = browser.get(f"/hosts/dock/containers/{id}/files/view/?path=/made")
    assert (folder.status_code, folder["Location"]) == (
        302,
        f"/hosts/dock/containers/{id}/files/?path=%2Fmade",
    )
    files = browser.get(f"/hosts/dock/containers/{id}/files/?whole=1&path=/").content.decode()
    assert re.search(r"</svg> made</a> <span[^>]*Not in the image[^>]*>A<", files)
    assert re.search(r"</svg> etc</a> <span[^>]*Changed since[^>]*>C<", files)
    assert re.search(r"</svg> tmp</a></div>", files)


def test_a_viewer_sees_paths_and_opens_none_and_others_see_nothing(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli, client: Client
) -> None:
    id, other = written(container, docker_cli), container("true", start=False)
    shop = team("shop", someone := user("viewer"))
    grant(shop)
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    client.force_login(someone)
    page = client.get(at(id, "?whole=1")).content.decode()
    assert ("C", "passwd") in names(page)
    assert "files/" not in page.partition('id="changes"')[2]
    until(lambda: row_of(other))
    for rest in ("", "folder/"):
        assert client.get(at(other, rest)).status_code == 404
    assert not Entry.objects.filter(event="container.files_read").exists()


def test_what_was_not_changed_says_so(browser: Client, container: Callable[..., str]) -> None:
    id = container("true", start=False)
    until(lambda: row_of(id))
    page = browser.get(at(id, "?whole=1"))
    assert (page.status_code, "Nothing was changed" in page.content.decode()) == (200, True)


def test_twenty_thousand_paths_come_in_parts(
    browser: Client, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    """What is sent stays small; the time is bounded so loosely that a busy machine has it."""
    script = "mkdir -p /big/sub; cd /big; seq 1 20000 | xargs touch; touch sub/x"
    id = written(container, docker_cli, script)
    began = time.perf_counter()
    first = browser.get(at(id), headers=PART)
    assert time.perf_counter() - began < 10
    assert "All <b>20003</b>" in first.content.decode()
    assert len(first.content) < 20_000
    folder = browser.get(at(id, "folder/?path=/big"), headers=PART).content.decode()
    assert len(names(folder)) == written_tree.MOST_SIBLINGS
    assert "19,501 more" in folder or "19501 more" in folder
    (onward,) = re.findall(r'hx-get="([^"]*after=[^"]*)"', folder)
    more = browser.get(unescape(onward), headers=PART).content.decode()
    assert more.startswith("<li>")
    assert not {*names(more)} & {*names(folder)}


def test_a_tree_without_end_is_not_followed_down() -> None:
    """Of a filter's finds only the deepest stands in the answer: 2,000 folders above one row."""
    deep = Written.of(datetime.now(UTC), {"/a" * 2000: ADDED})
    node, depth = level(deep, "/").nodes[0], 0
    while node.level:
        node, depth = node.level.nodes[0], depth + 1
    assert depth == written_tree.DEEPEST
    assert node.is_folder
