"""From one container into another, also on another host: whole through the spool, as a job.

The source is read at its engine's speed and let go; only then the target is written. So neither
waits for the other, and one container may be both.
"""

import hashlib
import posixpath
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from access import door as changes
from access.actors import SYSTEM, Actor
from access.gate import authorize
from access.models import User
from access.targets import ContainerTarget, Target
from audit.models import Result
from containers.copy_names import Place, free_name, need_answer, need_directory
from containers.copy_out import resolve
from containers.copy_progress import Told, counted
from engine.command_line import verb_line
from engine.delivery import deliver
from engine.parcels import TreeParcel, nodes, rewritten
from engine.threads import door
from engine.tree import Node, Tree
from hosts.live import engine_of
from jobs import runner
from jobs.kinds import Order, Params, Work
from jobs.models import Job
from transfers import spool
from transfers.downloads import Download

KIND_NAME = "container.files_write"
READ = "container.files_read"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes where: ``path`` in ``source``, into ``directory`` of ``target``, a full id."""

    source: ContainerTarget
    path: str
    target: ContainerTarget
    directory: str
    conflict: str


def start(actor: Actor, wanted: Wanted) -> Job:
    """Check both ends and begin. Raises NotFound, Refused, Conflict, Denied, TooMany."""
    authorize(actor, READ, wanted.source)
    authorize(actor, KIND_NAME, wanted.target)
    commands = engine_of(wanted.source.host).commands
    path, there = resolve(commands, wanted.source.id, wanted.path)
    name = posixpath.basename(path) or wanted.source.name
    onto = engine_of(wanted.target.host).commands
    need_directory(onto, wanted.target.id, wanted.directory)
    place = Place(wanted.target.id, wanted.directory, name, wanted.conflict, there.is_dir)
    need_answer(onto, place)
    params = {
        "from_host": wanted.source.host,
        "from": wanted.source.id,
        "from_path": path,
        "container": wanted.target.id,
        "directory": wanted.directory,
        "name": name,
        "conflict": wanted.conflict,
    }
    return runner.start(actor, KIND_NAME, wanted.target.host, params)


def order(host: str, params: Params) -> Order:
    source, target = known(params["from_host"], params["from"]), known(host, params["container"])
    path, directory = params["from_path"], params["directory"]
    out = verb_line("cp", f"{source.name}:{path}", "-")
    return Order(
        key=key_of(params),
        title=f"{source.name}:{path} → {target.name}:{directory}",
        target=target,
        command_line=f"{out} | {verb_line('cp', '-', f'{target.name}:{directory}')}",
    )


def key_of(params: Params) -> str:
    names = ("from_host", "from", "from_path", "container", "directory")
    return " ".join(params[name] for name in names)


def known(host: str, container_id: str) -> Target:
    row = engine_of(host).mirror.snapshot.containers.get(container_id)
    if row is not None:
        return ContainerTarget.of(host, row)
    return Target("container", container_id, container_id[:12], host)


async def run(work: Work) -> dict[str, Any]:
    """``{"path", "files", "size", "sha256", "left_out", "skipped"}``; sha256 of a file's bytes,
    or of a folder's files one after another.
    """
    params, onto = work.params, engine_of(work.host)
    commands = engine_of(params["from_host"]).commands
    there = await door.run(commands.stat, params["from"], params["from_path"])
    names = (params["directory"], params["name"], params["conflict"])
    place = Place(params["container"], *names, is_folder=there.is_dir)
    name = await door.run(free_name, onto.commands, place)
    if not name:
        return {"path": "", "skipped": True}
    reading = Reading(0 if there.is_dir else there.size)
    async with recorded(work, reading), spooled(work, reading) as tar:
        parcel = TreeParcel(name, tar, tar.stat().st_size)
        told = Told(parcel, work.progress, _("into the container"), reading.size)
        await deliver(onto.streams, place.container, place.directory, told, key_of(params))
    path = posixpath.join(place.directory, name)
    return reading.result() | {"path": path, "container": place.container, "skipped": False}


class Reading:
    """What was taken from the source so far. ``expected``: bytes, 0 where it is a folder."""

    def __init__(self, expected: int) -> None:
        self.expected, self.size, self.files = expected, 0, 0
        self.tree = Tree()
        self._sha256 = hashlib.sha256()

    async def watched(self, items: AsyncIterator[Node | bytes]) -> AsyncGenerator[Node | bytes]:
        async for item in items:
            if isinstance(item, bytes):
                self._sha256.update(item)
                self.size += len(item)
            else:
                self.files += not item.is_folder
            yield item

    def result(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "size": self.size,
            "sha256": self._sha256.hexdigest(),
            "left_out": self.tree.left_out,
        }


@asynccontextmanager
async def spooled(work: Work, reading: Reading) -> AsyncIterator[Path]:
    """The source as a tar of ours in the spool, complete; gone afterwards."""
    held = Download(0, work.params["name"], None)
    try:
        await door.run(spool.need_room, reading.expected)
        await held.fill(lambda: rewritten_source(work, reading))
        if held.error is not None:
            raise held.error
        yield held.path
    finally:
        await door.run(held.path.unlink, missing_ok=True)


@asynccontextmanager
async def rewritten_source(work: Work, reading: Reading) -> AsyncIterator[AsyncIterator[bytes]]:
    params = work.params
    streams = engine_of(params["from_host"]).streams
    async with streams.get_archive(params["from"], params["from_path"]) as (_stat, pieces):
        items = reading.watched(nodes(pieces, reading.tree))
        label = _("out of the container")
        taken = counted(rewritten(items, "copy"), work.progress, label, "reading", reading.expected)
        async with aclosing(taken):
            yield taken


@asynccontextmanager
async def recorded(work: Work, reading: Reading) -> AsyncIterator[None]:
    """The read as an action of its own: whoever runs this, also again, must have the right."""
    outcome = await door.run(begin_reading, work)
    try:
        yield
    except BaseException as error:
        words = str(error) or type(error).__name__
        await door.run(changes.finish, outcome, Result.FAILED, words)
        raise
    outcome.fields.update(bytes=reading.size, sha256=reading.result()["sha256"])
    await door.run(changes.finish, outcome, Result.OK)


def begin_reading(work: Work) -> changes.Outcome:
    user = User.objects.filter(pk=int(work.user_id or 0)).first()
    actor = Actor.of_user(user) if user else SYSTEM
    source = known(work.params["from_host"], work.params["from"])
    path = work.params["from_path"]
    line = verb_line("cp", f"{source.name}:{path}", "-")
    return changes.begin(actor, READ, source, line, path=path, to=work.params["container"])
