"""Networks in the JSON API, over the same actions as the pages.

Containers are connected and disconnected at the container: ``containers.api.changes``.
"""

from typing import Annotated, Any

from ninja import Status
from pydantic import Field

from access.secrets import masked_json
from access.sight import sees_all
from access.targets import NetworkTarget
from containers.spec_schema import schema_of, value_of
from engine.network_plan import NetworkPlan
from engine.types import NetworkRow
from hosts.live import engine_of
from networks import actions
from networks.members import for_eyes_of, members
from networks.query import grammar
from networks.told import NetworkOut, told
from networks.usable import users_of, visible
from web import fetch
from web.operations import Operations, Out
from web.paging import page
from web.problems import errors_of, need_right, need_understood
from web.request import Request
from web.typed import PAGE, Cursor, Limit, Words

networks = Operations("networks")
ALL = "/hosts/{host}/networks"
ONE = "/hosts/{host}/networks/{network_id}"
PlanIn: Any = schema_of(NetworkPlan, "NetworkPlan")


class NetworkPage(Out):
    items: list[NetworkOut]
    next: str | None


class NetworkCreated(Out):
    id: str


@networks.get(ALL, "network.see", NetworkPage)
def network_list(
    request: Request, host: str, q: Words = "", cursor: Cursor = "", limit: Limit = PAGE
) -> Any:
    """The networks that you may see, the oldest first. ``q`` is the filter language of the page."""
    snapshot = fetch.snapshot(request, host)
    query = grammar(lambda row: users_of(row, snapshot)).parse(q)
    need_understood(query.problems)
    everything = engine_of(host).commands.network_rows()
    rows = visible(request.actor, host, everything, snapshot)
    shown, rest = page(query.select(rows), key, cursor, limit)
    return NetworkPage(items=[told(row) for row in shown], next=rest)


def key(row: NetworkRow) -> tuple[str, ...]:
    return row.created.isoformat(), row.id


@networks.post(ALL, "network.create", {201: NetworkCreated})
def network_create(
    request: Request,
    host: str,
    plan: PlanIn,
    team: Annotated[Words, Field(description="Short name of the team that will own it.")] = "",
) -> Any:
    """Create a network. 409 where the name is taken.

    Every field stands for the option of ``docker network create`` of that name.
    """
    fetch.host(request, host)
    wanted: NetworkPlan = value_of(NetworkPlan, plan)
    need_right(errors_of(wanted.problems()))
    return Status(201, NetworkCreated(id=actions.create(request.actor, host, wanted, team)))


@networks.get(ONE, "network.see", NetworkOut)
def network_detail(request: Request, host: str, network_id: Words) -> Any:
    """One network by its full id, with the containers in it that you may see."""
    target = fetch.network(request, host, network_id)
    assert target.row is not None
    users = users_of(target.row, fetch.sight(request, host))
    return told(target.row, members(inspected(target), users))


@networks.get(f"{ONE}/inspect", "network.see", dict[str, Any])
def network_inspect(request: Request, host: str, network_id: Words) -> Any:
    """All that the engine knows of it but of others' containers, values that look secret masked."""
    target = fetch.network(request, host, network_id)
    assert target.row is not None
    users = users_of(target.row, fetch.sight(request, host))
    shown = for_eyes_of(inspected(target), users, sees_all(request.actor, host))
    return masked_json(shown)


@networks.delete(ONE, "network.remove", {204: None})
def network_remove(request: Request, host: str, network_id: Words) -> Any:
    """Remove it. 409 where containers are in it, 422 where it is the engine's own."""
    actions.remove(request.actor, fetch.network(request, host, network_id))
    return Status(204, None)


def inspected(target: NetworkTarget) -> dict[str, Any]:
    return engine_of(target.host).commands.inspect_network(target.id)
