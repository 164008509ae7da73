"""What the filter offers: of what one sees, pressed as the text says."""

import html
import re

from django.test import Client

from access.models import OwnedContainer
from containers.filter_chips import MOST, Chips, chips, repository, short
from containers.query import parse
from tests.access.people import grant, team, user
from tests.containers.list_cast import LIST, PROJECT
from tests.containers.list_cast import mirrored as mirrored
from tests.containers.rows import row
from tests.containers.view_cast import HTMX
from tests.containers.view_cast import ada as ada

OWN = row(labels={PROJECT: "shop"}, health="healthy")
THEIRS = row(id="b" * 64, name="vault", image="bank/vault:9", labels={PROJECT: "bank"})


def kinds(text: str, *some: object) -> dict[str, Chips]:
    found = chips(parse(text), some or (OWN, THEIRS), {OWN.id: "shop"}.get)  # type: ignore[arg-type]
    return {str(each.title): each for each in found}


def test_chips_count_what_is_there_and_write_only_the_text() -> None:
    found = kinds("web state:running")
    (running,) = found["State"].chips
    assert (running.text, running.pressed, running.count) == ("web", True, 2)
    healths = [(str(chip.label), chip.count) for chip in found["Health"].chips]
    assert healths == [("Healthy", 1), ("No health check", 1)]
    assert [chip.text for chip in found["Team"].chips] == ["web state:running team:shop"]
    images = {chip.label for chip in found["Image"].chips}
    assert images == {"acme/shop-web", "bank/vault"}
    assert found["Image"].chips[1].text == "web state:running image:ghcr.io/acme/shop-web"
    assert str(found["More"].chips[1].label) == "Reaches its host"


def test_of_very_many_the_most_frequent_and_those_that_are_asked_for() -> None:
    some = [row(id=f"{n:064x}", labels={PROJECT: f"p{n}"}) for n in range(40)]
    found = kinds("project:p39,absent", *some)["Project"].chips
    assert len(found) == MOST + 2
    assert {chip.label for chip in found if chip.pressed} == {"p39", "absent"}
    strange = [row(labels={PROJECT: 'say "x"'}), row(id="c" * 64, labels={PROJECT: "a, b"})]
    assert [chip.text for chip in kinds("", *strange)["Project"].chips] == ['project:"a, b"']


def test_images_of_one_name_keep_their_registries() -> None:
    assert short(["a.example/x", "b.example/x", "b.example/y", "x/z"]) == {
        "a.example/x": "a.example/x",
        "b.example/x": "b.example/x",
        "b.example/y": "y",
        "x/z": "x/z",
    }


def test_an_image_is_named_without_its_tag() -> None:
    for image, name in (
        ("nginx", "nginx"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b"),
        ("localhost:5000/a", "localhost:5000/a"),
        ("a@sha256:" + "0" * 64, "a"),
        ("sha256:" + "0" * 64, ""),
    ):
        assert repository(image) == name


def test_the_menu_is_a_page_too_and_tells_nothing_of_others(mirrored: object, ada: Client) -> None:
    mirrored([OWN, THEIRS])  # type: ignore[operator]
    OwnedContainer.objects.create(host="dock", container_id=OWN.id, team=team("shop"))
    OwnedContainer.objects.create(host="dock", container_id=THEIRS.id, team=team("bank"))
    ann = Client(headers={"accept": "text/html"})
    ann.force_login(user("ann"))
    grant(team("shop", user("ann")), "viewer")
    grant(team("shop"), "viewer", selector="name", value="vault")
    page = ann.get(f"{LIST}filter/", {"q": "project:shop", "sort": "-name"}).content.decode()
    assert texts(page)["bank"] == "project:shop,bank"
    assert "team:bank" not in page  # she sees the vault, not whose it is
    assert 'name="sort" value="-name"' in page
    whole = ada.get(f"{LIST}filter/", headers=HTMX).content.decode()
    assert "team:bank" in whole
    found = ada.get(LIST, {"q": "team:bank"}).content.decode()
    assert THEIRS.id in found
    assert OWN.id not in found
    assert THEIRS.id not in ann.get(LIST, {"q": "team:bank"}).content.decode()


def texts(page: str) -> dict[str, str]:
    """Label → the text that it writes."""
    found = re.findall(r'name="q" value="([^"]*)"[^>]*>([^<]*?) ?<b>', page)
    return {label: html.unescape(text) for text, label in found}
