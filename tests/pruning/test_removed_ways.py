"""However a container is removed here, what makes it again is kept."""

import re
from pathlib import Path

from django.conf import settings
from django.test import Client

from access.models import OwnedContainer, User
from containers import removals
from tests.access.people import team
from tests.api.client import program
from tests.pruning.cast import PAGE, look
from tests.pruning.conftest import Rubbish, known, over
from tests.pruning.conftest import ada as ada
from tests.pruning.conftest import rubbish as rubbish
from tests.pruning.conftest import runtime as runtime

LIST = "/hosts/dock/containers/"
# Who has the engine remove a container, and why it is kept, or is none that anybody had.
KEPT = {"containers/actions.py", "pruning/removal.py"}
NOT_KEPT = {
    "containers/running.py",  # made from another image than was judged: it never ran
    "containers/swap.py",  # the old one of a replacement, or the new one of one that failed
    "dashboard/demo/cast.py",  # the demo's own, at its next start
    "engine/helpers.py",  # ours: through it files are read
    "volumes/reading.py",  # the same
}
REMOVES = re.compile(r"\b_?(commands|engine)\.remove\(")


def test_each_way_of_removing_one_is_known() -> None:
    base = Path(settings.BASE_DIR)
    sources = [path for path in base.glob("*/**/*.py") if path.parts[len(base.parts)] != "tests"]
    found = {
        str(path.relative_to(base))
        for path in sources
        if not path.is_relative_to(base / ".venv") and REMOVES.search(path.read_text())
    }
    assert found == KEPT | NOT_KEPT


def made(rubbish: Rubbish, name: str) -> str:
    options = ("--network", "none", "--name", name, "-e", f"OF={name}", *rubbish.labels)
    return rubbish.docker("create", *options, rubbish.image, "true").stdout.strip()


def test_each_way_of_removing_one_keeps_its_settings(ada: Client, rubbish: Rubbish) -> None:
    ids = {way: made(rubbish, f"way-{way}") for way in ("page", "bulk", "api", "prune")}
    known(*ids.values())
    api = program(User.objects.get(username="ada"))
    assert ada.post(f"{LIST}{ids['page']}/remove/", {"force": "on"}).status_code == 302
    bulk = {"id": ids["bulk"], "confirmed": "1"}
    assert ada.post(f"{LIST}bulk/remove/", bulk).status_code == 200
    assert api.ask("DELETE", f"hosts/dock/containers/{ids['api']}").status_code == 204
    sent = ada.post(PAGE.format("containers"), {"preview": look(rubbish, "containers").key})
    job = over(sent["Location"].strip("/").split("/")[-1])
    assert "/containers/removed/" in ada.get(f"/jobs/{job.pk}/").content.decode()
    ids["prune-api"] = made(rubbish, "way-prune-api")
    OwnedContainer.objects.create(
        host="dock", container_id=ids["prune-api"], team=team("shop"), how="created"
    )
    shown = api.get(f"hosts/dock/prune/containers?labels={rubbish.mark}").json()["preview"]
    started = api.post("hosts/dock/prune/containers", {"preview": shown})
    over(started.json()["job"]["id"])
    for way, id in ids.items():
        removed = removals.find("dock", id)
        assert removed is not None, way
        assert (removed.target.name, removed.row.image) == (f"way-{way}", rubbish.image)
        assert ("OF", f"way-{way}") in removed.original.spec.env
    assert removed.row.team == team("shop").pk
