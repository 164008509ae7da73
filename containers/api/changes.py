"""What changes while a container stays, and the wait for its end."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from pydantic import Field

from access.targets import ContainerTarget
from containers import actions
from containers.api.operations import ONE, Acted, acted, containers
from containers.spec_schema import schema_of, value_of
from containers.views.networks import seen_network
from engine.errors import EngineError
from engine.specs import ContainerSpec, NetworkSpec
from engine.threads import door
from engine.update import Update, limits_of
from hosts.live import engine_of
from networks import actions as networks
from web import fetch
from web.operations import In, Out
from web.problems import Problem, errors_of, need_right
from web.request import Request
from web.standing import still
from web.typed import Id, Words

UpdateIn: Any = schema_of(Update, "ContainerUpdate")
LONGEST_WAIT = 600  # seconds
CHECK_SECONDS = 2.0  # a right that ended, or a token, ends the wait within five


class Updated(Acted):
    """``warnings`` are the engine's own."""

    warnings: list[str]


class Waited(Out):
    """``over`` is false where the time was up first: ask again."""

    over: bool
    exit_code: int | None


@containers.post(f"{ONE}/update", "container.update", {200: Updated})
def container_update(request: Request, host: str, container_id: Id, changes: UpdateIn) -> Any:
    """New limits and restart policy while it stays; what is left out stays as it is.

    Where swap was twice the memory, or neither had a limit, it goes with a new memory limit.
    """
    target = fetch.container(request, host, container_id)
    wanted: Update = value_of(Update, changes)
    now = limits_of(engine_of(host).commands.inspect_container(target.id))
    found = wanted.with_swap(now).problems(now)
    need_right(errors_of(found))
    if not wanted.changes:
        raise Problem(422, _("Name a value that is to change."))
    warnings = actions.update(request.actor, target, wanted)
    return Updated(**dict(acted(request, host, target.id)), warnings=list(warnings))


@containers.get(f"{ONE}/wait", "container.see", Waited)
def container_wait(
    request: Request,
    host: str,
    container_id: Id,
    timeout: Annotated[int, Field(ge=1, le=LONGEST_WAIT, description="Seconds.")] = 60,
) -> Any:
    """Its exit code, as soon as it does not run: the answer comes then, or when the time is up."""
    target = fetch.container(request, host, container_id)
    pieces = waited(request, target, time.monotonic() + timeout)
    response = StreamingHttpResponse(pieces, "application/json; charset=utf-8")
    response["Content-Encoding"] = "identity"  # keeps the middleware from packing a stream
    response["Cache-Control"] = "no-store"
    return response


async def waited(request: Request, target: ContainerTarget, ends: float) -> AsyncIterator[bytes]:
    """No thread waits meanwhile."""
    coming = asyncio.ensure_future(engine_of(target.host).streams.wait(target.id))
    try:
        while (left := ends - time.monotonic()) > 0 and not coming.done():
            await asyncio.wait({coming}, timeout=min(left, CHECK_SECONDS))
            if not await door.run(still, request, "container.see", target):
                break
        yield outcome(coming).model_dump_json().encode()
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def outcome(coming: "asyncio.Future[int]") -> Waited:
    """Of an engine that was lost nothing is known: it is asked again."""
    if not coming.done():
        return Waited(over=False, exit_code=None)
    try:
        return Waited(over=True, exit_code=coming.result())
    except EngineError:
        return Waited(over=False, exit_code=None)


class Joining(In):
    """``network`` is an id; ``aliases`` are further names there, addresses lie in its subnets."""

    network: Words
    aliases: Annotated[list[Words], Field(max_length=100)] = []
    ip: Words = ""
    ip6: Words = ""


class Leaving(In):
    """``network`` is an id."""

    network: Words


@containers.post(f"{ONE}/connect", "container.connect", {200: Acted})
def container_connect(request: Request, host: str, container_id: Id, into: Joining) -> Any:
    """Let it come into a network of yours or a shared one, running or not."""
    target = fetch.container(request, host, container_id)
    wanted = NetworkSpec("", tuple(into.aliases), into.ip, into.ip6)
    found = ContainerSpec("x", networks=(wanted,)).problems()
    need_right(errors_of(found))
    network = seen_network(request, host, into.network)
    networks.connect(request.actor, target, network, wanted)
    return acted(request, host, target.id)


@containers.post(f"{ONE}/disconnect", "container.disconnect", {200: Acted})
def container_disconnect(request: Request, host: str, container_id: Id, of: Leaving) -> Any:
    """Take it out of a network; it goes on running."""
    target = fetch.container(request, host, container_id)
    network = seen_network(request, host, of.network)
    networks.disconnect(request.actor, target, network)
    return acted(request, host, target.id)
