"""Role by operation by object, from the OpenAPI document and the table typed by hand.

Each person's token has all that the person has, and gets the very answers that the person does.
"""

import json
import re
from collections.abc import Iterator

from access.rights import SIGNED_IN
from audit.models import Recording
from dashboard.api import document
from tests.access.matrix_cast import HAS, Thing, World, person
from tests.access.test_matrix import expected, what_happened
from tests.access.test_matrix import objects as objects
from tests.access.test_matrix import world as world
from tests.api.client import Program, is_problem, program
from tests.conftest import DockerCli
from tests.runtime import runtime as runtime

PRUNED = ("containers", "images", "volumes", "networks", "build_cache")
OBJECT = re.compile(r"\{(\w+_id)\}")
BODIES = {
    "container_edit": {"image": "mx-nothing:1", "pull": "never"},
    "container_duplicate": {"name": "mx-copied"},
    "container_rename": {"name": "mx-renamed"},
    "container_input": {"text": "mx"},
    "container_run": {"image": "mx-nothing:1", "pull": "never"},
    **{f"{what}_prune": {"preview": "none"} for what in PRUNED},
    "image_build": {"dockerfile": "FROM localhost:1/mx:1"},
    "container_update": {"memory": 2**26},
    "container_connect": {"network": "0" * 64},
    "container_disconnect": {"network": "0" * 64},
    "network_create": {"name": "mx-made"},
    "image_pull": {"reference": "localhost:1/mx:1"},
    "image_push": {"reference": "localhost:1/mx:1"},
    "image_tag": {"reference": "localhost:1/mx:1"},
    "volume_create": {"name": "mx-volume"},
}
QUERIES = {
    "image_files_download": "?path=/",
    "container_files": "?path=/",
    "volume_files": "?path=/",
    "repository_list": "?in=nobody.example.org",
    "repository_tags": "?in=nobody.example.org&repository=mx",
    "repository_tag": "?in=nobody.example.org&repository=mx&tag=1",
}
# What the person may see, and a token with all of its rights may do: 409, 422 and the like.
ALLOWED = (200, 204, 409, 422, 502)


def operations() -> Iterator[tuple[str, str, str, str]]:
    for path, methods in document()["paths"].items():
        for method, each in methods.items():
            yield method.upper(), path, each["x-right"], each["operationId"]


def steps(
    name: str, things: dict[str, list[Thing]]
) -> Iterator[tuple[str, str, str, Thing | None, int | None]]:
    """Method, address, operation, object and the status of the refusal."""
    for method, path, right, id in operations():
        if right == SIGNED_IN:
            continue
        place = path.replace("{host}", "dock")
        kind = OBJECT.search(place)
        for thing in things[kind[1]] if kind else [None]:
            filled = OBJECT.sub(str(thing.value), place) if thing else place
            wanted = expected(name, right, thing)
            yield method, filled + QUERIES.get(id, ""), id, thing, wanted


def test_every_operation_for_every_person_and_object(world: World, docker_cli: DockerCli) -> None:
    since = docker_cli("info", "--format", "{{.SystemTime}}").stdout.strip()
    wrong, walked, reads = [], 0, []
    no_operation_without_a_token(world.things("viewer", person("viewer", world.shop)))
    for name in HAS:
        walker = person(name, world.shop)
        asks = program(walker)
        Recording.objects.all().delete()  # the one before's
        for method, place, id, thing, wanted in steps(name, world.things(name, walker)):
            if wanted is None:
                reads += [(asks, name, place)] if method == "GET" else []
                continue  # a change that is allowed is tested where it lives
            got = asks.ask(method, place, BODIES.get(id)).status_code
            walked += 1
            if got != wanted:
                wrong.append((name, method, id, thing and thing.whose, got, wanted))
    assert wrong == []
    assert walked > 150
    assert what_happened(world, since, docker_cli) == ""
    got = [(name, place, asks.get(place).status_code) for asks, name, place in reads]
    assert [each for each in got if each[2] not in ALLOWED] == []


def no_operation_without_a_token(things: dict[str, list[Thing]]) -> None:
    for method, place, id, _thing, _wanted in steps("viewer", things):
        told = is_problem(Program().ask(method, place, BODIES.get(id)), 401)
        assert json.dumps(told).count("ab" * 8) == 0
