"""A container made anew: as somebody edited it, or with the newest image. What is asked of it
first, and the jobs that do it.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import at_once, ownership, quotas
from access.actors import Actor
from access.at_once import NOBODYS, Seat
from access.book import book
from access.errors import Denied
from access.models import User
from access.names import check_changed
from access.targets import ContainerTarget, Target
from containers import running
from containers.masked_line import masked_line
from containers.models import Replacement
from containers.originals import original
from containers.replace_rules import (
    check_free,
    check_pull,
    check_state,
    planned,
    reference_of,
    ruled,
)
from containers.run_fence import REASON
from containers.swap import Swap, begin, make_volumes, undo
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.specs import ContainerSpec
from engine.threads import door
from hosts.live import engine_of
from images import pulling
from jobs.errors import Unfinished
from jobs.kinds import Kind, Link, Order, Params, Work

EDIT, RECREATE = "container.edit", "container.recreate"
NEWEST = "newest"
CANCELLED = gettext_lazy("It was cancelled.")
CHECK_EVERY = 0.3  # seconds

under_way: set[tuple[str, str]] = set()  # hosts and ids that this process works at
_lock = threading.Lock()


def target_of(host: str, params: Params) -> ContainerTarget:
    row = engine_of(host).mirror.snapshot.containers.get(params["container"])
    if row is None:
        raise NotFound(_("This container is not there any more."))
    return ContainerTarget.of(host, row)


def order(right: str, host: str, params: Params) -> Order:
    spec = running.waiting.get(params.get("spec", ""))
    id, name, image = params["container"], params["name"], params["image"]
    return Order(
        key=params.get("spec") or id,
        title=f"{name} ({image})",
        target=Target("container", id, name, host),
        command_line=masked_line(spec) if spec else f"docker pull {image}",
    )


def check(right: str, actor: Actor, host: str, params: Params) -> None:
    """As they are now: its rules. Raises Denied or Hidden."""
    target = target_of(host, params)
    check_free(target)
    spec = running.waiting.get(params["spec"]) if "spec" in params else original(target).spec
    if spec is None:
        return  # nothing will be made
    pulls = right == RECREATE or bool(params.get("pull"))
    if pulls:
        check_pull(actor, host, spec)
    ruled(actor, target, right, spec, params.get(REASON, ""), pulls)


async def edit(work: Work) -> dict[str, Any]:
    """``{"object_id", "opens"}`` with the pull's result. Raises Unfinished: all is as before."""
    spec = running.waiting.get(work.params["spec"])
    if spec is None:
        raise Refused(_("The settings of this run are not kept any more: fill in the form again."))
    pulled: dict[str, Any] = {}
    if work.params.get("pull"):
        seat = await door.run(seat_of, work)
        try:
            pulled = await pulling.fetch_held(work, reference_of(spec.image), spec.platform)
        finally:
            seat.leave()
    return await anew(work, EDIT, pulled, spec)


async def recreate(work: Work) -> dict[str, Any]:
    """The same with the settings that it has, where the pull brought another image."""
    pulled = await pulling.fetch_held(work, reference_of(work.params["image"]))
    old = await door.run(original, target_of(work.host, work.params))
    if pulled["image_id"] == old.image_id:
        work.progress.line(_("It has the newest image already: nothing was changed."))
        return pulled | {"object_id": work.params["container"], "opens": NEWEST}
    return await anew(work, RECREATE, pulled, None)


def seat_of(work: Work) -> Seat:
    person = actor_of(work)
    return at_once.enter(person, work.host, "pulls") if person else NOBODYS


def actor_of(work: Work) -> Actor | None:
    person = User.objects.filter(pk=work.user_id or 0).first()
    return Actor.of_user(person) if person else None


async def anew(
    work: Work, right: str, pulled: Mapping[str, Any], spec: ContainerSpec | None
) -> dict[str, Any]:
    """Every step of it, and back where one fails or somebody cancels; what was pulled stays."""
    held: list[Swap] = []
    left = False
    try:
        await uncut(lambda: held.append(begun(work, right, spec)))
        left = not await carried_out(held[0], work)
    except BaseException as error:
        # Once it is kept it is too late for either: it has its place, and the record says so.
        if not held or not held[0].row.kept:
            told = isinstance(error, EngineError | Denied)
            words = error.message if isinstance(error, EngineError | Denied) else CANCELLED
            if held:
                words = await back(held[0], work, str(words))
                under_way.discard(place_of(held[0].row))
            if told:
                raise Unfinished(str(words), pulled) from error
            raise
    row = held[0].row
    opens = {"object_id": row.new_id, "opens": "container-detail"}
    return {**pulled, **opens, "replacement": row.pk, "left": left}


def begun(work: Work, right: str, spec: ContainerSpec | None) -> Swap:
    """Judged once more, for the pull took its time; and written down before anything is done."""
    target = target_of(work.host, work.params)
    old, actor = original(target), actor_of(work)
    check_state(old)
    spec = replace(spec or old.spec, name=target.name)
    if actor is None:
        raise Denied(_("Whoever asked for this is not there any more."))
    team = book().owner(work.host, target.id)
    who = {"right": right, "user": actor.username, "team": team}
    if work.params.get(REASON):
        check_changed(actor, target, planned(actor, target, spec), right)
        spec = quotas.limited(spec, book().limits(team, work.host))
        actor = None  # whose volumes they have to be: nobody's
    else:
        spec, _none = ruled(actor, target, right, spec)
    # Given back by ``settle``: it always comes.
    quotas.take(team, work.host, spec, key_of(work.params), instead_of=target.row)
    commands = engine_of(work.host).commands
    with working_at(work.host, target.id):
        row = begin(work.host, target.id, old, spec, commands, **who)

    def make(judged: ContainerSpec, whole: ContainerSpec) -> str:
        volumes = partial(make_volumes, commands, row, judged)
        return running.create(work.host, judged, actor, whole, volumes)

    return Swap(commands, row, old, spec, make)


@contextmanager
def working_at(host: str, container_id: str) -> Iterator[None]:
    """From before there is a row: nobody else may take that for one that was left. Given back by
    whoever ends it; raises Conflict where another holds it."""
    with _lock:
        if (host, container_id) in under_way:
            raise Conflict(_("This container is being made anew already: wait for that."))
        under_way.add((host, container_id))
    try:
        yield
    except BaseException:
        under_way.discard((host, container_id))
        raise


def place_of(row: Replacement) -> tuple[str, str]:
    return row.host, row.old_id


def key_of(params: Params) -> tuple[str, str]:
    return ("anew", params.get("spec") or params["container"])


async def carried_out(swap: Swap, work: Work) -> bool:
    """Whether the old one is gone: the engine may need longer for that."""
    mirror = engine_of(work.host).mirror
    before = mirror.snapshot.version
    for told, act in swap.steps():
        await uncut(act)
        work.progress.line(told)
    if swap.row.ran:
        await stands(swap)
        work.progress.line(_("The new one runs."))
    gone = bool(await uncut(swap.finish))
    words = _("The engine has not removed the old one yet: it is tried again.")
    work.progress.line(_("The old one is removed.") if gone else words)
    with suppress(EngineError):
        await door.run(mirror.wait_seen, "container", swap.row.new_id, before)
    return gone


async def stands(swap: Swap) -> None:
    """Until it is well. Raises Refused where it is not."""
    started = monotonic()
    well = False
    while not well:
        await asyncio.sleep(CHECK_EVERY)
        well = await uncut(partial(swap.stands, monotonic() - started))


async def uncut(act: Callable[[], Any]) -> Any:
    """In a thread, to its end: what a step did has to be known. A cancellation comes after it."""
    step = asyncio.ensure_future(door.run(act))
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        await asyncio.wait([step])
        if not step.cancelled():
            step.exception()
        raise


async def back(swap: Swap, work: Work, why: str) -> str:
    """Undone; why, and whether that went well. What did not is done by ``replacements``."""
    work.progress.line(why)
    try:
        there = await uncut(partial(undo, engine_of(work.host), swap.row))
    except EngineError as error:
        words = _("Going back is not done yet, and is tried again: %(error)s")
        return f"{why} {words % {'error': error.message}}"
    if not there:  # ``replacements`` finishes that, by the row
        return f"{why} {_('It was removed meanwhile, so the new one stays.')}"
    await uncut(swap.row.delete)
    words = _("The container is as it was.")
    work.progress.line(words)
    return f"{why} {words}"


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """The new container is whose the old one was; new volumes are its team's. Where the old one
    is still there, ``replacements`` removes it, by the row."""
    if pk := result.get("replacement"):
        row = Replacement.objects.filter(pk=pk).first()
        team = row.team if row else None
        ownership.handed_over(host, params["container"], result["object_id"], team)
        for name in params.get("volumes", ()) if params.get("team") else ():
            ownership.holds_volume(host, name, params["team"])
        if row is not None and not result.get("left"):
            row.delete()
        transaction.on_commit(lambda: under_way.discard((host, params["container"])))
    pulling.settle(host, params, result, user_ids)
    transaction.on_commit(lambda: quotas.release(key_of(params)))


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    if not result.get("object_id"):
        return []
    address = reverse("container-detail", args=[host, result["object_id"]])
    return [(address, _("Open the container"))]


EDIT_KIND = Kind(
    EDIT,
    gettext_lazy("Change"),
    edit,
    partial(order, EDIT),
    links,
    settle=settle,
    check=partial(check, EDIT),
)
RECREATE_KIND = Kind(
    RECREATE,
    gettext_lazy("Recreate"),
    recreate,
    partial(order, RECREATE),
    links,
    settle=settle,
    check=partial(check, RECREATE),
    takes="pulls",
)
