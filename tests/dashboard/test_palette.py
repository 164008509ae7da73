"""What letters lead to: nearest first, and never what one may not see or do."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from access.models import Holding, Kind, User
from dashboard.palette_match import fit
from engine.commands import Commands
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until

Make = Callable[..., str]


def test_nearer_names_come_first() -> None:
    names = ["web", "web-shop", "shop-web", "cobweb", "worker-exb", "shop"]
    ranked = sorted(names, key=lambda name: -fit("web", name))
    assert ranked[:5] == names[:5]
    assert fit("web", "shop") == 0
    assert fit("wxb", "worker-exb") > 0
    assert fit("shop", "shop-a") > fit("shop", "shop-a-much-longer-one")
    assert fit("", "anything") == 1


@pytest.mark.parametrize("letters", ["a" * 200, "%", "é", "a b c", ""])
def test_any_letters_are_taken(letters: str) -> None:
    assert fit(letters, "a name") >= 0


def test_only_what_one_may_see_and_do(runtime: Loop, client: Client, container: Make) -> None:
    ours = container("sleep", "600", options=("--name", "palette-ours"))
    theirs = container("sleep", "600", options=("--name", "palette-theirs"))
    until(lambda: {ours, theirs} <= set(engine_of("dock").mirror.snapshot.containers))
    grant(team("shop", user("bob")), role="operator", selector="name", value="palette-ours")
    client.force_login(User.objects.get(username="bob"))
    page = client.get("/palette/", {"q": "palette-", "host": "dock"}).text
    assert f"/hosts/dock/containers/{ours}/restart/" in page
    assert theirs not in page
    assert "/terminal/" not in page
    assert "/remove/" not in page
    asked = client.get("/palette/", {"q": "restart palette", "host": "dock"}).text
    assert f"{ours}/restart/" in asked
    assert f"{ours}/logs/" not in asked
    assert "palette-theirs" not in asked
    none = client.get("/palette/", {"q": "rm palette-ours", "host": "nowhere"}).text
    assert "Nothing of that name" in none


def test_pages_are_found_and_the_lines_come_alone(runtime: Loop, client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    fragment = {"HX-Request": "true", "HX-Request-Type": "partial"}
    lines = client.get("/palette/", {"q": "audit", "part": "results"}, headers=fragment).text
    assert "/audit/" in lines
    assert "<dialog" not in lines
    assert "<dialog" in client.get("/palette/", headers=fragment).text


@pytest.fixture
def pair(docker_cli: DockerCli) -> Iterator[tuple[str, str, str]]:
    """The mark of a network and a volume called ``…-ours`` and two called ``…-theirs``; the ids
    of the networks."""
    mark = f"pal-{secrets.token_hex(4)}"
    names = [f"{mark}-ours", f"{mark}-theirs"]
    ids = [docker_cli("network", "create", name).stdout.strip() for name in names]
    for name in names:
        docker_cli("volume", "create", name)
    yield mark, ids[0], ids[1]
    docker_cli("network", "rm", *names, check=False)
    docker_cli("volume", "rm", *names, check=False)


def test_networks_and_volumes_are_found_by_who_sees_them(
    runtime: Loop, client: Client, pair: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, own, other = pair
    shop = team("shop", user("bob"))
    grant(shop, role="developer")
    for kind in (Kind.NETWORK, Kind.VOLUME):
        Holding.objects.create(host="dock", kind=kind, name=f"{mark}-ours", team=shop)
    client.force_login(User.objects.get(username="bob"))
    asked, calls = Commands.network_rows, list[int]()

    def counted(self: Commands) -> object:
        calls.append(1)
        return asked(self)

    monkeypatch.setattr(Commands, "network_rows", counted)

    def page(words: str) -> str:
        return client.get("/palette/", {"q": words, "host": "dock"}).text

    until(lambda: f"/hosts/dock/networks/{own}/" in page(f"{mark}-ours"), 20)
    found = page(f"{mark}-ours")
    assert f"/hosts/dock/volumes/{mark}-ours/" in found
    assert f"/hosts/dock/networks/{own}/remove/" in page(f"rm {mark}-ours")
    assert f"/hosts/dock/volumes/{mark}-ours/remove/" in page(f"rm {mark}-ours")
    before = len(calls)
    for end in range(len(mark) - 3, len(mark)):
        page(mark[:end])
    assert len(calls) == before  # letters ask nobody
    hidden = page(f"{mark}-theirs") + page(f"inspect {mark}-theirs")
    assert other not in hidden
    assert f"volumes/{mark}-theirs" not in hidden


def test_what_can_be_begun_is_what_one_may_begin(runtime: Loop, client: Client) -> None:
    grant(team("looks", user("vic")), role="viewer")
    grant(team("shop", user("bob")), role="developer")

    def page(name: str, words: str) -> str:
        client.force_login(User.objects.get(username=name))
        return client.get("/palette/", {"q": words, "host": "dock"}).text

    assert "/containers/run/?image=redis%3A7" in page("bob", "run redis:7")
    assert "/images/pull/?reference=Reg.example%2FApp" in page("bob", "pull Reg.example/App")
    assert "/prune/" not in page("bob", "prune images")
    assert "/volumes/_create/" in page("bob", "create a volume")
    assert "Nothing of that name" in page("vic", "run redis:7")
    assert "/volumes/_create/" not in page("vic", "create a volume")
    assert "/images/search/?q=redis" in page("vic", "search redis")
