"""One image: its pages walked by the cast, what it is made of, and what stays masked."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from django.test import Client

from access.models import User
from access.secrets import MASK
from audit.models import Entry
from engine.snapshot import Snapshot
from engine.types import ImageRow, Layer
from hosts.live import engine_of
from images.contents import contents, contents_of
from images.layer_bars import readable, steps, stretches
from tests.conftest import DockerCli
from tests.runtime import until

Image = Callable[..., tuple[str, str]]
LIST = "/hosts/dock/images/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGES = ("", "head/", "overview/", "inspect/", "inspect/tree/", "remove/")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_the_pages_work_for_ada_and_are_hidden_from_everybody_else(
    superuser: Client, image: Image
) -> None:
    mallory = Client()
    mallory.force_login(User.objects.create_user("mallory"))
    _name, id = image()
    for page in PAGES:
        assert superuser.get(f"{LIST}{id}/{page}").status_code == 200, page
        assert superuser.get(f"{LIST}{id}/{page}", headers=HTMX).status_code == 200, page
        assert mallory.get(f"{LIST}{id}/{page}").status_code == 404, page
        assert Client().get(f"{LIST}{id}/{page}").status_code == 401, page
        assert superuser.get(f"{LIST}{'0' * 64}/{page}").status_code == 404, page
        assert superuser.get(f"/hosts/elsewhere/images/{id}/{page}").status_code == 404, page
        assert superuser.put(f"{LIST}{id}/{page}").status_code == 405, page
    for verb in ("tag/", "remove/"):
        assert mallory.post(f"{LIST}{id}/{verb}").status_code == 404
        assert Client().post(f"{LIST}{id}/{verb}").status_code == 401
        assert superuser.post(f"{LIST}{'0' * 64}/{verb}").status_code == 404
    assert mallory.post(f"{LIST}bulk/remove/", {"id": id}).status_code == 404
    assert not Entry.objects.filter(result="ok").exists()


def test_a_short_id_and_a_reference_go_on_to_the_full_id(superuser: Client, image: Image) -> None:
    name, id = image()
    assert superuser.get(f"{LIST}{id[:12]}/")["Location"] == f"{LIST}{id}/"
    assert superuser.get(f"{LIST}by-reference/", {"ref": name})["Location"] == f"{LIST}{id}/"
    assert superuser.get(f"{LIST}by-reference/", {"ref": "no/such:1"}).status_code == 404


def test_layers_stand_in_order_with_their_size_and_who_shares_them(
    superuser: Client, image: Image
) -> None:
    (_first, id), (other, _id) = image(), image()
    page = superuser.get(f"{LIST}{id}/overview/")
    wrote = [stretch.steps[0] for stretch in page.context["stretches"] if not stretch.empty]
    base, top = wrote[0], wrote[-1]
    assert (base.number, base.percent) == (1, 100)
    assert other in {tag for row in base.shared_with for tag in row.tags}
    assert top.shared_with == ()
    text = page.content.decode()
    assert other in text
    assert "in no other image" in text


def test_steps_of_a_dockerfile_are_readable_folded_and_masked(
    superuser: Client, built: Image
) -> None:
    _name, id = built(
        "ARG API_TOKEN=hunter2arg",
        "ENV DB_PASSWORD='hunter2 with blanks' PLAIN=visible",
        'LABEL api_token="hunter2label" tier=front',
        "RUN echo hello >/hello",
        'ENTRYPOINT ["/bin/sh", "-c"]',
        'CMD ["fetch --token=hunter2cmd"]',
    )
    for page in ("overview/", "inspect/tree/", "inspect/tree/?view=raw"):
        text = superuser.get(f"{LIST}{id}/{page}").content.decode()
        assert "hunter2" not in text, page
        assert "with blanks" not in text, page
    page = superuser.get(f"{LIST}{id}/overview/")
    text = page.content.decode()
    assert "echo hello &gt;/hello" in text
    assert "PLAIN=visible" in text
    assert "#(nop)" not in text
    folded = [stretch for stretch in page.context["stretches"] if stretch.empty]
    assert any(len(stretch.steps) > 1 for stretch in folded)


def test_what_an_image_is_made_of_is_asked_for_once(superuser: Client, image: Image) -> None:
    _name, id = image()
    contents_of.cache_clear()
    assert superuser.get(f"{LIST}{id}/overview/").status_code == 200
    assert superuser.get(f"{LIST}{id}/overview/").status_code == 200
    assert contents_of.cache_info().misses == 1


def test_the_tree_is_searched(superuser: Client, image: Image) -> None:
    _name, id = image("--change", "ENV COLOUR=teal")
    text = superuser.get(f"{LIST}{id}/inspect/tree/?q=colour", headers=HTMX).content.decode()
    assert "COLOUR=teal" in text
    assert ".RootFS" not in text


def test_who_uses_it_stands_on_its_page(
    superuser: Client, image: Image, container: Callable[..., str]
) -> None:
    name, id = image()
    assert "Unused" in superuser.get(f"{LIST}{id}/head/").content.decode()
    user = container("sleep", "99", image=name, options=("--name", "img-user"))
    until(lambda: engine_of("dock").mirror.snapshot.containers_of_image(id))
    page = superuser.get(f"{LIST}{id}/").content.decode()
    assert f"/hosts/dock/containers/{user}/" in page
    assert "img-user" in page


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c apk add curl", "RUN apk add curl"),
        ("RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("|1 A=b /bin/sh -c make", "RUN A=b make"),
        ("RUN |2 A=b C=d /bin/sh -c make # buildkit", "RUN A=b C=d make"),
        ("sleep 3600", "sleep 3600"),
        ("", ""),
    ],
)
def test_a_builders_record_in_a_dockerfiles_words(recorded: str, words: str) -> None:
    assert readable(recorded) == words


def test_steps_without_size_fold_together() -> None:
    history = [Layer("ADD x", NOW, 900, "d1"), Layer("ENV A=b", NOW, 0), Layer("CMD x", NOW, 0)]
    image = ImageRow("a" * 64, ("a:1",), (), NOW, 900, inspected=True, layer_digests=("d1",))
    other = ImageRow("b" * 64, ("b:1",), (), NOW, 900, inspected=True, layer_digests=("d1",))
    held = Snapshot(images=MappingProxyType({image.id: image, other.id: other}))
    made = stretches(steps(history, image, held))
    assert [(stretch.empty, len(stretch.steps)) for stretch in made] == [(False, 1), (True, 2)]
    assert made[0].steps[0].shared_with == (other,)
    assert made[1].keywords == "ENV, CMD"


def test_an_image_that_says_little_is_no_error() -> None:
    made = contents({"Id": "sha256:" + "a" * 64})
    assert (made.command, made.env, made.history, made.platform) == ("", (), (), "")
    config = {"Labels": {"api_key": "x", "tier": "front"}, "Cmd": ["run", "--token=x"]}
    made = contents({"Config": config, "Os": "linux", "Architecture": "arm", "Variant": "v7"})
    assert made.labels == (("api_key", MASK), ("tier", "front"))
    assert made.command == f"run --token={MASK}"
    assert made.platform == "linux/arm/v7"


def test_pages_follow_the_engine(superuser: Client, image: Image, docker_cli: DockerCli) -> None:
    name, id = image()
    docker_cli("tag", name, f"{name}-too")
    until(lambda: len(engine_of("dock").mirror.snapshot.images[id].tags) == 2)
    assert f"{name}-too" in superuser.get(f"{LIST}{id}/overview/", headers=HTMX).content.decode()
