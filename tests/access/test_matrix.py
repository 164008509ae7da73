"""Role by route by object, from the router itself and a table of rights typed by hand.

Each route of the site is walked by each kind of person, for an object of their own team, one of
another team, and one that nobody owns: what may not be seen is 404, what may be seen and not done
is 403, and nothing of it leaves an event on the engine. A route with a parameter that this test
does not know fails it: whoever adds one says what its objects are.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import URLPattern

from access.rights import BY_OPERATION, LOGGED_IN, PUBLIC, SIGNED_IN
from hosts.live import engine_of
from tests.access.matrix_cast import HAS, Thing, World, has, person, until_known, world_of
from tests.conftest import LABEL, DockerCli
from tests.runtime import Loop
from tests.runtime import runtime as runtime
from web.routes import patterns

HTML = {"HTTP_ACCEPT": "text/html"}
DENIED, HIDDEN = 403, 404
PARAMETER = re.compile(r"<\w+:(\w+)>")
HERE = {"host": "dock"}
# Beside another parameter that says whose it is: any value will do.
BESIDE = {"session_id": "x" * 20, "token_id": 1, "login_id": 1}


@dataclass
class Objects:
    """On the engine, by whose they are: full ids, but of volumes their names."""

    boxes: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    networks: dict[str, tuple[str, str]] = field(default_factory=dict)  # name, id
    volumes: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def objects(busybox: str, docker_cli: DockerCli) -> Iterator[Objects]:
    """Made once: nobody's walk changes them, which each walk asserts."""
    made, mark = Objects(), secrets.token_hex(3)
    boxes, images, networks, volumes = made.boxes, made.images, made.networks, made.volumes
    for whose in ("own", "theirs", "nobodys"):
        named = ("--name", f"mx-{mark}-{whose}", "--label", LABEL, "--network", "none")
        boxes[whose] = docker_cli("create", *named, busybox, "true").stdout.strip()
    for whose in ("own", "theirs"):
        text = f"FROM {busybox}\nLABEL of={whose} wharfinger-test=1\n"
        tag = ("-t", f"mx-{mark}-{whose}:1")
        built = docker_cli("build", "-q", *tag, "-", input=text).stdout.strip()
        images[whose] = built.removeprefix("sha256:")
        name = f"mx-{mark}-{whose}"
        networks[whose] = name, docker_cli("network", "create", name).stdout.strip()
        volumes[whose] = docker_cli("volume", "create", name).stdout.strip()
    yield made
    docker_cli("rm", "-f", *boxes.values(), check=False)
    docker_cli("volume", "rm", "-f", *volumes.values(), check=False)
    docker_cli("network", "rm", *(name for name, _id in networks.values()), check=False)
    docker_cli("rmi", "-f", f"mx-{mark}-own:1", f"mx-{mark}-theirs:1", check=False)


@pytest.fixture
def world(runtime: Loop, objects: Objects) -> Iterator[World]:
    for id in objects.boxes.values():
        until_known(id)
    yield world_of(objects.boxes, objects.images, objects.networks, objects.volumes)
    engine_of("dock").helpers.close()


def routes() -> list[tuple[str, URLPattern]]:
    """The API's operations are walked in tests/api/test_matrix.py."""
    apart = (PUBLIC, BY_OPERATION)
    return [(at, entry) for at, entry in patterns() if entry.callback.right not in apart]


def places(address: str, things: dict[str, list[Thing]]) -> Iterator[tuple[str, Thing | None]]:
    """The address filled in, once for each object that it may be about."""
    names = PARAMETER.findall(address)
    objects = [name for name in names if name in things]
    unknown = [name for name in names if name not in (*things, *HERE, *BESIDE)]
    assert not unknown, f"/{address}: say in tests/access/matrix_cast.py what {unknown} may be"
    assert len(objects) < 2, address
    for thing in things[objects[0]] if objects else [None]:
        values = {**HERE, **BESIDE, **({objects[0]: thing.value} if thing else {})}
        filled = [
            str(values[part]) if at % 2 else part
            for at, part in enumerate(PARAMETER.split(address))
        ]
        yield "/" + "".join(filled), thing


def expected(name: str, right: str, thing: Thing | None) -> int | None:
    """The status of a refusal; None where it is allowed."""
    known = thing.seen_by(name) if thing else has(name, "host.see")
    if not known:
        return HIDDEN
    return None if has(name, right) or own_page(right, thing) else DENIED


def own_page(right: str, thing: Thing | None) -> bool:
    """Everybody may see what they themselves may do."""
    return right == "user.see" and thing is not None and thing.whose == "oneself"


def steps(
    name: str, things: dict[str, list[Thing]]
) -> Iterator[tuple[str, str, Thing | None, int | None]]:
    """Method, place, object and the status of the refusal, for all that this person may try."""
    for address, entry in routes():
        right, methods = entry.callback.right, entry.callback.methods
        if right in (SIGNED_IN, LOGGED_IN):
            continue
        for place, thing in places(address, things):
            for method in sorted({"GET", "POST", "PATCH", "DELETE"} & set(methods)):
                yield method, place, thing, expected(name, right, thing)


@pytest.mark.parametrize("name", HAS)
def test_every_route_for_every_person_and_object(
    world: World, name: str, docker_cli: DockerCli
) -> None:
    walker = person(name, world.shop)
    browser = Client(**HTML)
    browser.force_login(walker)
    walk = list(steps(name, world.things(name, walker)))
    assert len(walk) > 100
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    wrong = [
        (method, place, thing and thing.whose, got, want)
        for method, place, thing, want in walk
        if want and (got := browser.generic(method, place).status_code) != want
    ]
    assert wrong == []
    assert what_happened(world, since, docker_cli) == ""
    for method, place, thing, want in walk:  # a change that is allowed is tested where it lives
        if want is None and method == "GET":
            assert browser.get(place).status_code not in (401, DENIED, 500), (place, thing)


def what_happened(world: World, since: str, docker_cli: DockerCli) -> str:
    """What the engine did to the three containers since then, exec and archive included."""
    now = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    boxes = [f"--filter=container={id}" for id in world.boxes.values()]
    return docker_cli("events", "--since", since, "--until", now, *boxes).stdout


def test_nobody_gets_anywhere_without_a_login(world: World) -> None:
    walker = person("viewer", world.shop)
    things = world.things("viewer", walker)
    browser = Client(**HTML)
    for address, entry in routes():
        for place, _thing in places(address, things):
            for method in entry.callback.methods:
                got = browser.generic(method, place)
                assert got.status_code == 401 or "/login/" in got.headers["Location"], place
