"""Prunes by whom, of what, told to whom: the record, rights, previews, programs, helpers, teams."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from access.actors import Actor
from access.errors import Denied
from access.models import OwnedContainer, User
from audit.models import Entry, Result
from engine.errors import EngineDown
from engine.leftovers import Leftover
from hosts.live import engine_of
from jobs.models import Job
from jobs.progress import Progress
from pruning import actions
from pruning.options import Options
from pruning.previews import MOST_EACH
from pruning.sweeping import Sweep, each
from pruning.what import BY_SLUG
from tests.access.people import grant, team, user
from tests.api.client import is_problem, program
from tests.pruning.cast import PAGE, admin, look, only, prune
from tests.pruning.conftest import Rubbish, over


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


def test_what_is_under_way_ends_before_a_trouble_is_told_and_nothing_begins_after_it() -> None:
    things = [Leftover("container", str(number), str(number), 0) for number in range(9)]
    began, ended = [], []

    async def act(thing: Leftover) -> None:
        began.append(thing.id)
        await asyncio.sleep(0)
        if thing.id == "1":
            raise EngineDown("gone")
        await asyncio.sleep(0.01)
        ended.append(thing.id)

    with pytest.raises(EngineDown):
        asyncio.run(each(things, 3, act))
    assert (began, ended) == (["0", "1", "2"], ["0", "2"])


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
