"""Prunes on the real engine: what was previewed goes, byte for byte, and nothing else."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from access.actors import Actor
from access.errors import Denied
from access.models import Holding, OwnedContainer, User
from audit.models import Entry, Result
from hosts.live import engine_of
from jobs.models import Job
from jobs.progress import Progress
from pruning import actions
from pruning.finding import Found
from pruning.options import LabelWord, Options
from pruning.previews import MOST_EACH, Preview, previews
from pruning.sweeping import Sweep
from pruning.what import BY_SLUG
from tests.access.people import grant, team, user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.pruning.conftest import Rubbish, known, over

PAGE = "/hosts/dock/prune/{}/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def only(rubbish: Rubbish, **more: Any) -> Options:
    key, _, value = rubbish.mark.partition("=")
    return Options(labels=(LabelWord(key, value),), **more)


def admin() -> Actor:
    return Actor.of_user(User.objects.get(username="ada"))


def look(rubbish: Rubbish, slug: str, **more: Any) -> Preview:
    return actions.preview(admin(), "dock", BY_SLUG[slug], only(rubbish, **more))


def prune(shown: Preview) -> Job:
    return over(str(actions.prune(admin(), "dock", shown.what, shown.key).pk))


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


def test_every_object_that_went_has_its_row_in_the_record(ada: Client, rubbish: Rubbish) -> None:
    id = rubbish.stopped("prune-told")
    OwnedContainer.objects.create(host="dock", container_id=id, team=team("shop"), how="created")
    shown = look(rubbish, "containers")
    job = prune(shown)
    whole = Entry.objects.filter(event="container.prune", object_kind="host")
    intent = whole.get(result=Result.INTENT)
    assert intent.parameters["objects"][0][:3] == ["container", id, "prune-told"]
    assert whole.get(result=Result.OK).bytes in (None, 0)
    row = Entry.objects.get(object_id=id)
    assert (row.event, row.result, row.user) == ("container.prune", Result.OK, "ada")
    assert row.command_line == "docker rm prune-told"
    assert row.parameters == {"preview": job.params["preview"]}
    assert not OwnedContainer.objects.filter(container_id=id).exists()


def test_a_right_that_ends_meanwhile_ends_the_prune(ada: Client, rubbish: Rubbish) -> None:
    person = user("bob")
    given = grant(team("ops", person), "host-admin")
    kept = rubbish.stopped("prune-kept")
    shown = actions.preview(Actor.of_user(person), "dock", BY_SLUG["containers"], only(rubbish))

    given.delete()
    sweep = Sweep("dock", shown.what, str(person.pk), shown.key)
    with pytest.raises(Denied):
        sweep.one(shown.things[0], Progress())
    assert rubbish.docker("inspect", kept).returncode == 0


def test_a_preview_is_its_owners_and_no_more_than_a_few_are_kept(
    ada: Client, rubbish: Rubbish
) -> None:
    mine = look(rubbish, "networks")
    User.objects.create_superuser("eve")
    eve = Client(HTTP_ACCEPT="text/html")
    eve.force_login(User.objects.get(username="eve"))
    for browser, slug in ((eve, "networks"), (ada, "images")):
        refused = browser.post(PAGE.format(slug), {"preview": mine.key})
        assert refused.status_code == 409
        assert "look again first" in refused.content.decode()
    for _ in range(MOST_EACH):
        look(rubbish, "networks")
    assert ada.post(PAGE.format("networks"), {"preview": mine.key}).status_code == 409


def test_by_a_program(ada: Client, rubbish: Rubbish) -> None:
    name = rubbish.volume("prune-api")
    asks = program(User.objects.get(username="ada"))
    address = "hosts/dock/prune/volumes"
    told = is_problem(asks.get(f"{address}?older=24h"), 422)
    assert told["errors"] == [{"field": "older", "detail": "There is no such option here."}]
    told = is_problem(asks.get(f"{address}?labels=-"), 422)
    assert told["errors"][0]["field"] == "labels"
    shown = asks.get(f"{address}?everything=true&labels={rubbish.mark}").json()
    assert [(item["kind"], item["id"]) for item in shown["items"]] == [("volume", name)]
    assert (shown["bytes"], shown["exact"], shown["more"]) == (0, True, 0)
    assert shown["command_line"] == f"docker volume prune --all --filter label={rubbish.mark}"
    is_problem(asks.post(address, {"preview": "none"}), 409)
    is_problem(asks.post(address, {"preview": shown["preview"], "all": True}), 422)
    started = asks.post(address, {"preview": shown["preview"]})
    assert started.status_code == 202
    job = over(started.json()["job"]["id"])
    assert job.result["went"] == [[name, 0]]
    assert json.dumps(job.params)


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


def test_our_own_helpers_are_no_leftovers_and_in_nobodys_way(ada: Client, rubbish: Rubbish) -> None:
    image = rubbish.built("ENV helped=1")
    engine = engine_of("dock")
    with engine.helpers.borrowed(image) as helper:
        shown = actions.preview(admin(), "dock", BY_SLUG["containers"], Options())
        assert helper not in {thing.id for thing in shown.things}
        busy = look(rubbish, "images")
        assert [thing.id for thing in busy.things] == [image]
        assert "wharfinger-helper" in prune(busy).result["stayed"][0][1]
    assert [name for name, _size in prune(look(rubbish, "images")).result["went"]]


def test_two_who_ask_what_is_used_both_get_an_answer(ada: Client, rubbish: Rubbish) -> None:
    """The engine refuses a second measuring while the first is under way."""
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(engine_of("dock").commands.usage_of, "volume") for _ in range(3)]
        assert all(isinstance(each.result(60), list) for each in asked)


def test_a_prune_is_not_told_to_the_team_of_who_asked(ada: Client, rubbish: Rubbish) -> None:
    """It names what other teams have; a pull of the same person is told."""
    boss, mate = user("boss"), user("mate")
    shop = team("shop", boss, mate)
    grant(shop, "developer")
    grant(team("ops", boss), "host-admin")
    rubbish.stopped("prune-of-others")
    shown = actions.preview(Actor.of_user(boss), "dock", BY_SLUG["containers"], only(rubbish))
    job = over(str(actions.prune(Actor.of_user(boss), "dock", shown.what, shown.key).pk))
    boss.teams.remove(team("ops"))
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(mate)
    assert browser.get(f"/jobs/{job.pk}/").status_code == 404
    assert "prune-of-others" not in browser.get("/jobs/").content.decode()
    Job.objects.filter(pk=job.pk).update(kind="image.pull")
    assert browser.get(f"/jobs/{job.pk}/").status_code == 200
