"""Files of a volume, read through a container that is never started and is gone afterwards."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.models import Holding
from audit.models import Entry, Result
from engine import engine as engines
from engine import helpers
from hosts.live import engine_of
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from tests.volumes.conftest import ALL, Yard, hold

Make = Callable[..., str]
WRITES = (
    "echo hello > /data/hello.txt; mkdir -p /data/sub/deep; echo deep > /data/sub/deep/d.txt;"
    " ln -s hello.txt /data/near; ln -s sub/deep /data/dir; ln -s / /data/out;"
    " ln -s /etc/passwd /data/passwd; ln -s ../../etc/passwd /data/up; mkfifo /data/pipe"
)


@pytest.fixture
def filled(yard: Yard, volume: Make, docker_cli: DockerCli, busybox: str) -> str:
    name = volume(name="files")
    run = ("run", "--rm", "--network", "none", "-v", f"{name}:/data", busybox)
    docker_cli(*run, "sh", "-c", WRITES)
    hold(name)
    return name


@pytest.fixture(autouse=True)
def nothing_left(docker_cli: DockerCli, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "runtime" in request.fixturenames:
        assert ours(docker_cli) == []


def ours(docker_cli: DockerCli) -> list[str]:
    """Those for volumes: an image's files are read through such ones, too."""
    marks = (f"--filter=label={helpers.LABEL}", f"--filter=volume={helpers.VOLUME_PLACE}")
    return docker_cli("ps", "-aq", "--no-trunc", *marks).stdout.split()


def body(answer: Any, runtime: Loop) -> bytes:
    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return runtime.run(whole())


def test_browse_view_and_download(yard: Yard, filled: str) -> None:
    base, reader = f"{ALL}{filled}/files/", yard.browser("reader")
    page = reader.get(f"{base}?whole=1").content.decode()
    assert all(name in page for name in ("hello.txt", "sub", "near", "pipe"))
    assert "d.txt" in reader.get(f"{base}?whole=1&path=/sub/deep").content.decode()
    assert "d.txt" in reader.get(f"{base}?whole=1&path=/dir").content.decode()
    assert "hello" in reader.get(f"{base}view/?path=/hello.txt").content.decode()
    assert "hello" in reader.get(f"{base}view/?path=/near").content.decode()
    got = reader.get(f"{base}download/?path=/hello.txt")
    assert got.headers["Content-Disposition"].startswith("attachment")
    row = Entry.objects.filter(event="container.files_read", result=Result.INTENT).latest("seq")
    assert (row.object_kind, row.object_name) == ("volume", filled)
    assert row.parameters["path"] == "/hello.txt"


def test_a_program_lists_a_folder_page_by_page(yard: Yard, filled: str, volume: Make) -> None:
    asks, one = program(yard.people["reader"]), f"hosts/dock/volumes/{filled}/folder"
    found, cursor = [], ""
    while cursor is not None:
        told = asks.get(f"{one}?limit=3&cursor={cursor}").json()
        found, cursor = found + told["items"], told["next"]
    names = ["sub", "dir", "hello.txt", "near", "out", "passwd", "pipe", "up"]
    assert [each["name"] for each in found] == names
    files = {each["name"]: each for each in found}
    assert [files[name]["kind"] for name in ("sub", "dir", "pipe")] == ["folder", "link", "special"]
    hello = files["hello.txt"]
    assert (hello["path"], hello["size"], hello["mode"]) == ("/hello.txt", 6, "0644")
    assert (files["out"]["link_target"], hello["link_target"]) == ("/", "")
    assert not told["partial"]
    (deep,) = asks.get(f"{one}?path=/dir").json()["items"]
    assert (deep["name"], deep["path"]) == ("d.txt", "/dir/d.txt")
    for path, status in (("/out", 422), ("/none", 404), ("sub", 422), ("/hello.txt", 422)):
        assert is_problem(asks.get(f"{one}?path={path}"), status)["detail"], path
    is_problem(asks.get(f"{one}?cursor=x"), 422)
    is_problem(program(yard.people["viewer"]).get(one), 403)
    hold(theirs := volume(name="theirs"), yard.bank)
    is_problem(asks.get(f"hosts/dock/volumes/{theirs}/folder"), 404)


def test_what_leads_out_of_it_is_refused(yard: Yard, filled: str) -> None:
    base, reader = f"{ALL}{filled}/files/", yard.browser("reader")
    for path in ("/passwd", "/up", "/out/etc/passwd", "/out"):
        for page in ("view/", "download/"):
            told = reader.get(f"{base}{page}?path={path}")
            assert told.status_code == 422, (page, path)
            assert "root:" not in told.content.decode()
        assert "leads out" in reader.get(f"{base}?whole=1&path={path}").content.decode()
    # Nothing stands above the volume's own root.
    assert "hello.txt" in reader.get(f"{base}?whole=1&path=/../..").content.decode()
    assert reader.get(f"{base}view/?path=/../../etc/passwd").status_code == 404
    gone = reader.get(f"{base}view/?path=/none", headers={"Accept": "text/html"}).content.decode()
    assert "There is no /none in this volume." in gone
    assert reader.get(f"{base}view/?path=etc").status_code == 422
    assert reader.get(f"{base}view/?path=/pipe").status_code == 422


def test_who_may_not_read_files_is_refused(yard: Yard, filled: str, volume: Make) -> None:
    for name, status in (("ann", 403), ("viewer", 403), ("reader", 200), ("root", 200)):
        answer = yard.browser(name).get(f"{ALL}{filled}/files/?whole=1")
        assert answer.status_code == status, name
    theirs = volume(name="theirs")
    hold(theirs, yard.bank)
    assert yard.browser("reader").get(f"{ALL}{theirs}/files/").status_code == 404


def test_it_stands_in_no_list_and_no_count(
    yard: Yard, filled: str, docker_cli: DockerCli, busybox: str
) -> None:
    root = yard.browser("root")
    engine = engine_of("dock")
    before = set(engine.mirror.snapshot.containers)
    root.get(f"{ALL}{filled}/files/?whole=1")
    made = ours(docker_cli)
    assert len(made) == 1
    state = docker_cli("inspect", "-f", "{{.State.Status}} {{.State.StartedAt}}", made[0]).stdout
    assert state.startswith("created 0001-01-01")
    probe = docker_cli("create", "--label", "wharfinger-test=1", busybox).stdout.strip()
    until(lambda: probe in engine.mirror.snapshot.containers)  # what came later was heard of
    assert made[0] not in engine.mirror.snapshot.containers
    assert set(engine.mirror.snapshot.containers) - before == {probe}
    usage = engine.usage.measure().usage
    assert made[0] not in {each["Id"] for each in usage["Containers"]}
    docker_cli("rm", probe)
    # A container that runs is never hidden, whatever its labels are.
    wrong = ("run", "-d", "--rm", "--network", "none", "--label", f"{helpers.LABEL}=1", busybox)
    id = docker_cli(*wrong, "sleep", "60").stdout.strip()
    until(lambda: id in engine.mirror.snapshot.containers, 20)
    docker_cli("rm", "-f", id)


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the site: the first pause between two sweeps begins when it starts."""
    monkeypatch.setattr(engines, "SWEEP_SECONDS", 0.2)


def test_one_serves_many_looks_and_goes_after_the_last(
    swept: None, yard: Yard, filled: str, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = yard.browser("reader")
    for _look in range(3):
        reader.get(f"{ALL}{filled}/files/?whole=1")
    made = ours(docker_cli)
    assert len(made) == 1
    docker_cli("rm", made[0])  # by somebody's hand: the next look makes another
    assert "hello.txt" in reader.get(f"{ALL}{filled}/files/?whole=1").content.decode()
    assert len(ours(docker_cli)) == 1
    monkeypatch.setattr(helpers, "LINGER", 0)
    until(lambda: ours(docker_cli) == [], 20)


def test_their_number_is_bounded(
    yard: Yard, volume: Make, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helpers, "MOST", 2)
    names = [volume(name=f"n{n}") for n in range(3)]
    root = yard.browser("root")
    for name in names[:2]:
        assert "empty" in root.get(f"{ALL}{name}/files/?whole=1").content.decode()
    assert len(ours(docker_cli)) == 2
    assert "empty" in root.get(f"{ALL}{names[2]}/files/?whole=1").content.decode()
    assert len(ours(docker_cli)) == 2, "the one that was left first has made room"
    monkeypatch.setattr(helpers, "MOST", 0)
    told = root.get(f"{ALL}{names[0]}/files/?whole=1").content.decode()
    assert "try again soon" in told


def test_it_hinders_no_removal(yard: Yard, volume: Make, docker_cli: DockerCli) -> None:
    name = volume(name="gone")
    root = yard.browser("root")
    root.get(f"{ALL}{name}/files/?whole=1")
    assert len(ours(docker_cli)) == 1
    assert root.post(f"{ALL}{name}/remove/", {"typed_name": name}).status_code == 302
    assert docker_cli("volume", "inspect", name, check=False).returncode


def test_an_anonymous_volume_is_read_and_stays(
    yard: Yard, docker_cli: DockerCli, busybox: str
) -> None:
    name = docker_cli("volume", "create").stdout.strip()
    try:
        page = yard.browser("root").get(f"{ALL}{name}/files/?whole=1").content.decode()
        assert "empty" in page
        engine_of("dock").helpers.close()
        assert docker_cli("volume", "inspect", name, check=False).returncode == 0
    finally:
        docker_cli("volume", "rm", "-f", name, check=False)


def test_without_an_image_it_says_what_to_do(yard: Yard, filled: str) -> None:
    Holding.objects.filter(kind="image").delete()
    told = yard.browser("reader").get(f"{ALL}{filled}/files/?whole=1").content.decode()
    assert "Pull one" in told


def test_a_folder_as_tar_and_zip_by_api(yard: Yard, filled: str, runtime: Loop) -> None:
    asks = program(yard.people["reader"])
    at = f"hosts/dock/volumes/{filled}/files"
    assert body(asks.get(f"{at}?path=/hello.txt"), runtime) == b"hello\n"
    with tarfile.open(fileobj=io.BytesIO(body(asks.get(f"{at}?path=/sub"), runtime))) as tar:
        assert "sub/deep/d.txt" in tar.getnames()
    with zipfile.ZipFile(io.BytesIO(body(asks.get(f"{at}?path=/sub&as=zip"), runtime))) as archive:
        assert any(name.endswith("deep/d.txt") for name in archive.namelist())
    with tarfile.open(fileobj=io.BytesIO(body(asks.get(f"{at}?path=/"), runtime))) as tar:
        assert any(name.endswith("hello.txt") for name in tar.getnames())
    assert program(yard.people["ann"]).get(f"{at}?path=/hello.txt").status_code == 403
