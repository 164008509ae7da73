"""Files into a container, as jobs: a whole, checked file from the spool, in a tar that we write."""

import asyncio
import posixpath
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.actors import Actor
from access.targets import Target
from containers.copy_out import resolve
from engine.archive import Member, pack
from engine.commands import Commands
from engine.engine import Engine
from engine.errors import Conflict, NotFound, Refused
from engine.threads import door
from engine.types import PathStat
from hosts.live import engine_of
from jobs import runner
from jobs.kinds import Kind, Order, Params, Work
from jobs.progress import Part
from transfers import arrivals, spool
from transfers import models as transfers

MOST_COPIES = 100
KIND_NAME = "container.files_write"


def check(actor: Actor, upload: transfers.Upload) -> None:
    """Before the first byte: is the directory there, and is the name free? 404, 409, 422."""
    commands = engine_of(upload.host).commands
    path, there = resolve(commands, upload.object_id, upload.directory)
    if not there.is_dir:
        raise Refused(_("%(path)s is not a directory.") % {"path": path})
    if upload.folder or upload.conflict != transfers.Conflict.ASK:
        return
    path = posixpath.join(upload.directory, upload.name)
    if stat_or_none(commands, upload.object_id, path) is not None:
        words = _("%(path)s is there already: replace it, keep both, or skip it.")
        raise Conflict(words % {"path": path})


def arrived(actor: Actor, upload: transfers.Upload) -> str:
    """Hand a complete upload on; the job's id."""
    params = {
        "upload": str(upload.pk),
        "container": upload.object_id,
        "path": posixpath.join(upload.directory, upload.folder, upload.name),
        "size": upload.size,
    }
    return str(runner.start(actor, KIND_NAME, upload.host, params).id)


def order(host: str, params: Params) -> Order:
    container_id, path = params["container"], params["path"]
    row = engine_of(host).mirror.snapshot.containers.get(container_id)
    name = row.name if row else container_id[:12]
    return Order(
        key=params["upload"],
        title=f"{posixpath.basename(path)} → {name}:{posixpath.dirname(path)}",
        target=Target("container", container_id, name, host),
        command_line=f"docker cp {posixpath.basename(path)} {name}:{path}",
    )


async def run(work: Work) -> dict[str, Any]:
    """Put it there: ``{"path", "size", "sha256", "skipped"}``. The spool is freed at the end."""
    upload = await door.run(transfers.Upload.objects.filter(pk=work.params["upload"]).first)
    if upload is None or not upload.complete:
        raise Refused(_("The uploaded file is not here any more: upload it again."))
    work.progress.put(Part(upload.name, "checking", size=upload.size))
    sha256 = await door.run(spool.sha256_of, spool.file_of(upload.pk))
    if upload.wanted_sha256 not in ("", sha256):
        await door.run(spool.remove, upload)
        raise Refused(_("The file was damaged on its way (sha256 differs): upload it again."))
    path = await place(engine_of(work.host), upload)
    status = "done" if path else "skipped"
    part = Part(upload.name, status, upload.size, upload.size, upload.size, upload.size, True)
    work.progress.put(part)
    await door.run(spool.remove, upload)
    return {"path": path, "size": upload.size, "sha256": sha256, "skipped": not path}


async def place(engine: Engine, upload: transfers.Upload) -> str:
    """The path it got; empty where it was skipped."""
    directory = await make_folders(engine, upload)
    name = await door.run(free_name, engine.commands, upload, directory)
    if not name:
        return ""
    member = Member(name, datetime.now(UTC), spool.file_of(upload.pk), upload.size)
    # Not to be cancelled half-way: the engine would keep a part of the file. From the spool it
    # runs at the engine's own speed, and the stream has a stall limit of its own.
    put = door.spawn(
        engine.streams.put_archive(upload.object_id, directory, pack([member])), f"put {name}"
    )
    await shielded(put)
    return posixpath.join(directory, name)


async def shielded(task: "asyncio.Task[None]") -> None:
    """Await a task to its end, also when we are cancelled meanwhile."""
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def make_folders(engine: Engine, upload: transfers.Upload) -> str:
    """The folder below the directory, made where it is missing."""
    directory = upload.directory
    for name in filter(None, upload.folder.split("/")):
        path = posixpath.join(directory, name)
        if await door.run(stat_or_none, engine.commands, upload.object_id, path) is None:
            member = Member(name, datetime.now(UTC), mode=0o755)
            await engine.streams.put_archive(upload.object_id, directory, pack([member]))
        directory = path
    return directory


def free_name(commands: Commands, upload: transfers.Upload, directory: str) -> str:
    """The name to write under, by what is to be done where it is taken; empty for skip."""
    there = stat_or_none(commands, upload.object_id, posixpath.join(directory, upload.name))
    if there is None:
        return upload.name
    if upload.conflict == transfers.Conflict.SKIP:
        return ""
    if upload.conflict == transfers.Conflict.KEEP_BOTH:
        return unused_name(commands, upload, directory)
    if upload.conflict == transfers.Conflict.REPLACE and not there.is_dir:
        return upload.name
    words = _("%(name)s is there already, in %(directory)s.")
    raise Conflict(words % {"name": upload.name, "directory": directory})


def unused_name(commands: Commands, upload: transfers.Upload, directory: str) -> str:
    stem, suffix = posixpath.splitext(upload.name)
    for number in range(2, MOST_COPIES):
        name = f"{stem} ({number}){suffix}"
        if stat_or_none(commands, upload.object_id, posixpath.join(directory, name)) is None:
            return name
    raise Conflict(_("There are too many files of that name already."))


def stat_or_none(commands: Commands, container_id: str, path: str) -> PathStat | None:
    try:
        return commands.stat(container_id, path)
    except NotFound:
        return None


KIND = Kind(
    name=KIND_NAME,
    title=gettext_lazy("Upload"),
    run=run,
    order=order,
    most_per_person=50,
)
ARRIVAL = arrivals.Kind(right=KIND_NAME, check=check, arrived=arrived)
