"""schemathesis against the OpenAPI document, by each role: no answer that is not documented.

What is generated fits the document, or just does not. Objects are named that are there, so that
more is reached than 404.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from access.models import OwnedContainer, Team
from dashboard.api import document
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.api.client import Program, program, superuser
from tests.api.conftest import known
from tests.runtime import Loop
from tests.runtime import runtime as runtime
from web.operations import In, Out

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ROLES = ["viewer", "developer", "host-admin", "superuser"]


def program_of(role: str, shop: Team) -> Program:
    if role == "superuser":
        return program(superuser())
    person = user(f"the-{role}")
    shop.members.add(person)
    grant(shop, role, extras=["container.files_read"] if role == "developer" else [])
    return program(person)


def test_every_answer_is_a_documented_one(
    runtime: Loop,
    container: Callable[..., str],
    request: pytest.FixtureRequest,
    settings: Any,
) -> None:
    """What takes long is to make up the cases, so each is asked by all roles."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    long = request.config.getoption("--long")
    modes, examples = (list(GenerationMode), 50) if long else ([GenerationMode.POSITIVE], 2)
    shop = team("shop")
    box = known(container(options=("--stop-signal", "KILL")))  # it would take ten seconds to end
    OwnedContainer.objects.create(host="dock", container_id=box, team=shop, how="created")
    programs = [program_of(role, shop) for role in ROLES]
    there = {"host": "dock", "container_id": box, "image_id": image_of(box)}
    asked = 0
    for result in schemathesis.openapi.from_dict(document()).get_all_operations():
        operation = result.ok()
        for mode in modes:
            try_all(operation.as_strategy(generation_mode=mode), programs, there, examples)
        asked += 1
    assert asked == sum(len(methods) for methods in document()["paths"].values())


def test_no_two_schemas_have_one_name() -> None:
    """The document has them by name: of two that share one, it would describe both by the first."""
    document()
    names = Counter(made.__name__ for kind in (In, Out) for made in heirs(kind))
    assert [name for name, count in names.items() if count > 1] == []


def heirs(kind: type) -> Iterator[type]:
    for made in kind.__subclasses__():
        yield made
        yield from heirs(made)


def image_of(box: str) -> str:
    return engine_of("dock").mirror.snapshot.containers[box].image_id


def try_all(cases: Any, programs: list[Program], there: dict[str, str], examples: int) -> None:
    @given(case=cases)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def each(case: Case) -> None:
        name_what_is_there(case, there)
        for asks in programs:
            case.validate_response(answer(case, asks), checks=CHECKS)

    each()


def name_what_is_there(case: Case, there: dict[str, str]) -> None:
    """But never for a removal or a new name of the image that all tests share; and no registry
    is called."""
    kept = ("host",) if case.method == "DELETE" or case.path.endswith("/tag") else tuple(there)
    if "/repositories" in case.path:
        case.query = {**(case.query or {}), "in": "nobody.example.org"}
    for name in kept:
        if name in (case.path_parameters or {}):
            case.path_parameters[name] = there[name]


def answer(case: Case, asks: Program) -> Response:
    """The site's own answer, as what schemathesis reads."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    prepared = requests.Request(**{k: v for k, v in sent.items() if k in ARGUMENTS}).prepare()
    headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in prepared.headers.items()}
    body = prepared.body or b""
    got = asks.ask(
        str(prepared.method),
        str(prepared.path_url),
        body.encode() if isinstance(body, str) else body,
        **{name: value for name, value in headers.items() if name not in OURS},
        content_type=prepared.headers.get("Content-Type", "application/json"),
    )
    return Response(
        got.status_code,
        {name.lower(): [value] for name, value in got.items()},
        WAITED
        if got.streaming and got["Content-Type"].startswith("application/json")
        else content_of(got),
        prepared,
        elapsed=0.0,
        verify=False,
    )


def content_of(got: Any) -> bytes:
    return b"" if got.streaming else bytes(got.content)


# What a wait says at last: nobody waits for it here.
WAITED = b'{"over": false, "exit_code": null}'
ARGUMENTS = ("method", "url", "headers", "params", "cookies", "data", "json", "files")
OURS = {
    f"HTTP_{name}"
    for name in ("AUTHORIZATION", "CONTENT_TYPE", "CONTENT_LENGTH", "COOKIE", "ACCEPT_ENCODING")
}
