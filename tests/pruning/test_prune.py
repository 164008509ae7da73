"""Prunes on the real engine: what was previewed goes, byte for byte, and nothing else."""

import re
from dataclasses import replace

from django.test import Client

from access.models import Holding
from hosts.live import engine_of
from pruning import actions
from pruning.finding import Found
from pruning.options import Options
from pruning.previews import Preview, previews
from pruning.what import BY_SLUG
from tests.access.people import team
from tests.conftest import DockerCli
from tests.pruning.cast import PAGE, admin, look, prune
from tests.pruning.conftest import Rubbish, known, over

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def sizes(docker_cli: DockerCli) -> dict[str, int]:
    """Bytes by kind, as ``docker system df`` counts them."""
    usage = engine_of("dock").commands.disk_usage()
    return {
        "layers": usage["LayersSize"],
        "volumes": sum(row["UsageData"]["Size"] for row in usage["Volumes"] or ()),
    }


def test_containers_go_by_page_as_they_were_shown(
    ada: Client, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    gone = rubbish.stopped("prune-a", write=4321)
    woken = rubbish.stopped("prune-b")
    known(gone, woken)
    asked = {"labels": rubbish.mark}
    page = ada.get(PAGE.format("containers"), asked, headers=HTMX).content.decode()
    assert set(re.findall(r'data-id="(\w+)"', page)) == {gone, woken}
    assert 'data-bytes="4321"' in page
    assert f"docker container prune --filter label={rubbish.mark}" in page
    docker_cli("start", woken)  # it runs `true` again, so it is stopped when its turn comes
    docker_cli("wait", woken)
    later = rubbish.stopped("prune-c")
    key = re.search(r'name="preview" value="([^"]+)"', page)
    assert key is not None
    sent = ada.post(PAGE.format("containers"), {"preview": key[1]})
    job = over(sent["Location"].strip("/").split("/")[-1])
    assert job.state == "done"
    assert job.result == {
        "what": "containers",
        "bytes": 4321,
        "went": [["prune-a", 4321]],
        "stayed": [["prune-b", "It ran since the preview."]],
    }
    left = docker_cli("ps", "-aq", "--no-trunc", "--filter", f"label={rubbish.mark}").stdout
    assert set(left.split()) == {woken, later}
    shown = ada.get(f"/jobs/{job.pk}/").content.decode()
    assert 'data-reclaimed="4321"' in shown
    assert "It ran since the preview." in shown


def test_one_that_runs_by_now_survives(ada: Client, rubbish: Rubbish) -> None:
    kept = rubbish.docker(
        "create", "--network", "none", "--name", "prune-runs", *rubbish.labels, rubbish.image,
        "sleep", "600",
    ).stdout.strip()  # fmt: skip
    shown = look(rubbish, "containers")
    assert [thing.id for thing in shown.things] == [kept]
    rubbish.docker("start", kept)
    assert prune(shown).result["stayed"] == [["prune-runs", "It runs by now."]]
    state = rubbish.docker("inspect", "-f", "{{.State.Running}}", kept).stdout.strip()
    assert state == "true"


def test_anonymous_volumes_are_named_and_go_where_one_asks(
    ada: Client, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    id = rubbish.stopped("prune-v", "-v", "/data", write=10)
    mounts = docker_cli("inspect", "-f", "{{(index .Mounts 0).Name}}", id).stdout.strip()
    known(id)
    page = ada.get(PAGE.format("containers"), {"labels": rubbish.mark}, headers=HTMX)
    assert f'title="{mounts}"' in page.content.decode()
    shown = look(rubbish, "containers", volumes=True)
    assert [(thing.kind, thing.id) for thing in shown.things] == [
        ("container", id),
        ("volume", mounts),
    ]
    assert shown.loses_data
    typed = {"preview": shown.key, "typed_name": "other"}
    refused = ada.post(PAGE.format("containers"), typed)
    assert refused.status_code == 422
    assert "nothing was removed" in refused.content.decode()
    job = prune(shown)
    assert [name for name, _size in job.result["went"]] == ["prune-v", mounts]
    assert docker_cli("volume", "inspect", mounts, check=False).returncode


def test_images_free_the_very_bytes(ada: Client, rubbish: Rubbish, docker_cli: DockerCli) -> None:
    """Two on one base, one dangling, one that a container is made from."""
    write = "RUN dd if=/dev/zero of=/{} bs=1000 count={} 2>/dev/null"
    base = rubbish.built(write.format("base", 50), tag="prune-test/base:1")
    first = rubbish.built(write.format("one", 7), base="prune-test/base:1", tag="prune-test/one:1")
    second = rubbish.built(write.format("two", 5), base="prune-test/base:1")
    used = rubbish.built(write.format("used", 3), tag="prune-test/used:1")
    docker_cli("create", *rubbish.labels, "--network", "none", "prune-test/used:1", "true")
    dangling = look(rubbish, "images")
    assert [thing.id for thing in dangling.things] == [second]
    assert (dangling.bytes, dangling.found.exact) == (5000, True)
    shown = look(rubbish, "images", everything=True)
    ids = [thing.id for thing in shown.things]
    assert set(ids) == {base, first, second}
    assert ids[-1] == base
    assert shown.bytes == 62_000
    before = sizes(docker_cli)["layers"]
    job = prune(shown)
    assert (job.state, job.result["stayed"], job.result["bytes"]) == ("done", [], 62_000)
    assert before - sizes(docker_cli)["layers"] == 62_000
    left = docker_cli("images", "-q", "--no-trunc", "--filter", f"label={rubbish.mark}").stdout
    assert left.split() == [f"sha256:{used}"]


def test_an_image_that_came_into_use_or_got_a_name_stays(
    ada: Client, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    rubbish.built("ENV a=1", tag="prune-test/a:1")
    rubbish.built("ENV b=1", tag="prune-test/b:1")
    shown = look(rubbish, "images", everything=True)
    assert len(shown.things) == 2
    docker_cli("create", *rubbish.labels, "--name", "prune-user", "prune-test/a:1", "true")
    docker_cli("tag", "prune-test/b:1", "prune-test/b:2")
    stayed = dict(prune(shown).result["stayed"])
    assert stayed == {
        "prune-test/a:1": "In use by now: prune-user.",
        "prune-test/b:1": "Its names changed since the preview.",
    }
    docker_cli("rmi", "prune-test/b:2")


def test_volumes_by_name_and_byte_and_not_another_of_that_name(
    ada: Client, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    full, again, busy = (rubbish.volume(f"prune-{word}") for word in ("full", "again", "busy"))
    made_up = rubbish.volume()
    rubbish.filled(full, 12_345)
    docker_cli("create", *rubbish.labels, "--name", "prune-has", "-v", "prune-busy:/v",
               rubbish.image, "true")  # fmt: skip
    assert [thing.id for thing in look(rubbish, "volumes").things] == [made_up]
    shown = look(rubbish, "volumes", everything=True)
    assert {thing.id for thing in shown.things} == {full, again, made_up}
    before = sizes(docker_cli)["volumes"]
    marks = {thing.id: thing.mark for thing in shown.things}
    other = [replace(t, mark="2020-01-01T00:00:00Z") if t.id == again else t for t in shown.things]
    shown = previews.put(replace(shown, found=Found(tuple(other)), key="another"))
    Holding.objects.create(host="dock", kind="volume", name=full, team=team("shop"))
    job = prune(shown)
    assert marks[again] != ""
    assert job.result["stayed"] == [[again, "It is another one of that name by now."]]
    assert before - sizes(docker_cli)["volumes"] == shown.bytes == job.result["bytes"]
    assert shown.bytes >= 12_345
    assert not Holding.objects.filter(name=full).exists()
    assert docker_cli("volume", "inspect", busy).returncode == 0


def test_networks_stay_while_a_stopped_container_would_need_them(
    ada: Client, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    for name in ("prune-free", "prune-needed", "prune-joined"):
        docker_cli("network", "create", "--driver", "bridge", *rubbish.labels, name)
    docker_cli("create", *rubbish.labels, "--network", "prune-needed", rubbish.image, "true")
    shown = look(rubbish, "networks")
    assert {thing.name for thing in shown.things} == {"prune-free", "prune-joined"}
    docker_cli("create", *rubbish.labels, "--name", "prune-in", "--network", "prune-joined",
               rubbish.image, "true")  # fmt: skip
    job = prune(shown)
    assert job.result["went"] == [["prune-free", 0]]
    assert job.result["stayed"] == [["prune-joined", "In use by now: prune-in."]]
    assert job.command_line == f"docker network prune --filter label={rubbish.mark}"


def test_the_build_cache_goes_record_by_record(ada: Client, rubbish: Rubbish) -> None:
    """Others build on this engine, too: of the preview only what this test made is kept."""
    image, word = rubbish.built_by_buildkit(size=54_321)
    own = previewed_cache(word)
    assert [(thing.kind, thing.size) for thing in own.things] == [("cache", 0)]
    held = look(rubbish, "images")
    assert [thing.id for thing in held.things] == [image]
    assert not held.found.exact
    assert prune(held).result["bytes"] == 0
    freed = previewed_cache(word)
    assert freed.bytes == 54_321
    job = prune(freed)
    assert job.result["bytes"] == 54_321
    assert job.result["stayed"] == []
    assert job.command_line == "docker builder prune --all"
    assert not previewed_cache(word).things
    assert prune(own).result["stayed"] == [
        [own.things[0].name, "A build uses it by now, or it is gone."]
    ]


def previewed_cache(word: str) -> Preview:
    """What this test built, alone."""
    what = BY_SLUG["build-cache"]
    shown = actions.preview(admin(), "dock", what, Options(everything=True))
    things = tuple(thing for thing in shown.things if word in thing.name)
    return previews.put(replace(shown, found=Found(things), key=f"cache-{word}-{len(things)}"))
