"""Prunes as jobs: each object is looked at again before it goes. Containers go a few at a time;
an image may be what another stands on, so that these and the rest go one after the other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import door as record
from access import ownership
from access.actors import Actor
from access.errors import Denied
from access.gate import authorize
from access.models import User
from access.targets import Target
from audit.models import Result
from engine.errors import EngineDown, EngineError, EngineSilent, NotFound
from engine.leftovers import MADE_UP, Leftover
from engine.threads import door
from hosts.live import engine_of
from jobs.errors import Unfinished
from jobs.kinds import Kind, Link, Order, Params, Work
from jobs.progress import Part, Progress
from pruning.previews import Preview
from pruning.removal import InUse, line_of, remove
from pruning.what import BY_SLUG, WHATS, What

AT_ONCE = {"container": 3}  # of the engine's eight calls: somebody else wants one, too
FIELDS = ("kind", "id", "name", "size", "mark")


def params(shown: Preview) -> dict[str, Any]:
    """What the job is told: plain values, which the record keeps, too."""
    things = [[getattr(thing, name) for name in FIELDS] for thing in shown.things]
    return {
        "what": shown.what.slug,
        "preview": shown.key,
        "options": shown.options.recorded(),
        "line": shown.options.line(shown.what),
        "objects": things,
        "bytes": shown.bytes,
    }


def things_of(params: Params) -> list[Leftover]:
    return [Leftover(**dict(zip(FIELDS, each, strict=True))) for each in params["objects"]]


def order(host: str, params: Params) -> Order:
    what = BY_SLUG[params["what"]]
    return Order(
        key=params["preview"],
        title=str(what.title).lower(),
        target=Target("host", host, host, host),
        command_line=params["line"],
    )


def check(actor: Actor, host: str, params: Params) -> None:
    """Volumes that go with their containers need the right to prune volumes, too."""
    if any(each[0] == "volume" for each in params["objects"]):
        authorize(actor, "volume.prune", Target("host", host, host, host))


async def run(work: Work) -> dict[str, Any]:
    """``{"bytes", "went": [[name, bytes]], "stayed": [[name, reason]]}``."""
    sweep = Sweep(work.host, BY_SLUG[work.params["what"]], work.user_id, work.params["preview"])
    things = things_of(work.params)

    async def go(thing: Leftover) -> None:
        await door.run(sweep.one, thing, work.progress)

    for thing in things:
        work.progress.put(Part(part_id(thing), _("waiting"), size=thing.size))
    try:
        for kind, some in groupby(things, lambda thing: thing.kind):
            await each(some, AT_ONCE.get(kind, 1), go)
    except (EngineDown, EngineSilent, Denied) as error:
        raise Unfinished(error.message, sweep.result()) from error
    finally:
        engine_of(work.host).usage.outdated()
    return sweep.result()


async def each(
    things: Iterable[Leftover], at_once: int, act: Callable[[Leftover], Awaitable[None]]
) -> None:
    """Some at a time. Where one raises no further one begins; those under way end first."""
    waiting = deque(things)

    async def in_turn() -> None:
        try:
            while waiting:
                await act(waiting.popleft())
        except BaseException:
            waiting.clear()
            raise

    turns = [in_turn() for turn in range(at_once)]
    for ended in await asyncio.gather(*turns, return_exceptions=True):
        if ended is not None:
            raise ended


def part_id(thing: Leftover) -> str:
    """A volume's long name of somebody's choice ends where it differs from others."""
    if len(thing.short) <= 20 or MADE_UP.fullmatch(thing.id):
        return thing.id[:12] if len(thing.short) > 20 else thing.short
    return f"{thing.short[:8]}…{thing.short[-5:]}"


@dataclass(slots=True)
class Sweep:
    """One prune under way. ``one`` is called in threads."""

    host: str
    what: What
    user_id: str
    preview: str
    went: list[tuple[str, int]] = field(default_factory=list)
    stayed: list[tuple[str, str]] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        total = sum(size for _name, size in self.went)
        return {"what": self.what.slug, "bytes": total, "went": self.went, "stayed": self.stayed}

    def one(self, thing: Leftover, progress: Progress) -> None:
        """Raises EngineDown and EngineSilent, and Denied once the right is lost: both end it."""
        actor = self.actor()
        authorize(actor, self.what.right, Target("host", self.host, self.host, self.host))
        try:
            size = remove(engine_of(self.host), thing)
        except (EngineDown, EngineSilent):
            raise
        except NotFound:
            self.stay(actor, thing, progress, _("It was gone already."), silent=True)
        except InUse as reason:
            self.stay(actor, thing, progress, str(reason), silent=True)
        except EngineError as error:
            self.stay(actor, thing, progress, error.message)
        else:
            self.go(actor, thing, progress, size)

    def actor(self) -> Actor:
        """Who asked, as they are now: a right that ended meanwhile ends the job."""
        person = User.objects.filter(pk=int(self.user_id or 0)).first()
        return Actor.of_user(person) if person else Actor(None, "")

    def go(self, actor: Actor, thing: Leftover, progress: Progress, size: int) -> None:
        self.went.append((thing.name, size))
        self.note(actor, thing, Result.OK, bytes=size)
        forget(self.host, thing)
        part = Part(part_id(thing), _("removed"), moved=size, size=size, done=True)
        progress.put(part)

    def stay(
        self, actor: Actor, thing: Leftover, progress: Progress, why: str, silent: bool = False
    ) -> None:
        """``silent``: nothing was tried, so there is nothing for the record."""
        self.stayed.append((thing.name, why))
        if not silent:
            self.note(actor, thing, Result.FAILED, reason=why)
        progress.put(Part(part_id(thing), _("stays"), done=True))
        progress.line(f"{thing.name}: {why}")

    def note(self, actor: Actor, thing: Leftover, result: Result, **fields: Any) -> None:
        """One row of its own, so that an object's page and a search find who took it away."""
        kind = "build" if thing.kind == "cache" else thing.kind
        target = Target(kind, thing.id, thing.name, self.host)
        about = {"preview": self.preview}
        line = line_of(thing)
        record.note(
            actor, self.what.right, target, result, parameters=about, command_line=line, **fields
        )


def forget(host: str, thing: Leftover) -> None:
    """Whose it was: a later one of the same name is somebody else's. A container has let go of it
    with its settings (``removals.kept``)."""
    if thing.kind in ("image", "volume", "network"):
        ownership.let_go(host, thing.kind, thing.id if thing.kind == "image" else thing.name)


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    what = BY_SLUG.get(result.get("what", ""))
    if what is None:
        return []
    found = [(reverse(what.route, args=[host]), _("Look again"))]
    if what.slug == "containers" and result.get("went"):
        found.append((reverse("container-removed", args=[host]), _("Create again…")))
    return found


KINDS = [
    Kind(what.right, gettext_lazy("Prune"), run, order, links, check=check, whole=True)
    for what in WHATS
]
