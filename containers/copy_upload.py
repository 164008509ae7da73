"""Uploaded files into a container: whole, checked files from the spool, in a tar that we write."""

import posixpath
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from access.actors import Actor
from access.targets import Target
from containers.copy_names import Place, free_name, need_answer, need_directory, stat_or_none
from containers.copy_progress import Told
from engine.archive import Member, pack
from engine.command_line import verb_line
from engine.delivery import deliver
from engine.engine import Engine
from engine.errors import Refused
from engine.parcels import Damaged, FileParcel
from engine.threads import door
from hosts.live import engine_of
from jobs import runner
from jobs.kinds import Order, Params, Work
from jobs.progress import Part
from transfers import models as transfers
from transfers import spool

KIND_NAME = "container.files_write"


def check(actor: Actor, upload: transfers.Upload) -> None:
    """Before the first byte: is the directory there, and is the name free? 404, 409, 422."""
    commands = engine_of(upload.host).commands
    need_directory(commands, upload.object_id, upload.directory)
    if not upload.folder:
        need_answer(commands, place_of(upload, upload.directory))


def place_of(upload: transfers.Upload, directory: str) -> Place:
    return Place(upload.object_id, directory, upload.name, upload.conflict)


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
        command_line=verb_line("cp", posixpath.basename(path), f"{name}:{path}"),
    )


async def run(work: Work) -> dict[str, Any]:
    """Put it there: ``{"path", "size", "sha256", "skipped"}``. The spool is freed at the end."""
    upload = await door.run(transfers.Upload.objects.filter(pk=work.params["upload"]).first)
    if upload is None or not upload.complete:
        raise Refused(_("The uploaded file is not here any more: upload it again."))
    try:
        path, sha256 = await placed(work, upload)
    except Damaged:
        await door.run(spool.remove, upload)
        words = _("The file was damaged on its way (sha256 differs): upload it again.")
        raise Refused(words) from None
    status = "done" if path else "skipped"
    part = Part(upload.name, status, upload.size, upload.size, upload.size, upload.size, True)
    work.progress.put(part)
    await door.run(spool.remove, upload)
    result = {"path": path, "size": upload.size, "sha256": sha256, "skipped": not path}
    return result | {"container": upload.object_id}


async def placed(work: Work, upload: transfers.Upload) -> tuple[str, str]:
    """The path it got and its sha256; both empty where it was skipped."""
    engine = engine_of(work.host)
    directory = await make_folders(engine, upload)
    name = await door.run(free_name, engine.commands, place_of(upload, directory))
    if not name:
        return "", ""
    source, now = spool.file_of(upload.pk), datetime.now(UTC)
    file = FileParcel(name, source, upload.size, now, upload.wanted_sha256)
    parcel = Told(file, work.progress, upload.name, upload.size)
    await deliver(engine.streams, upload.object_id, directory, parcel, str(upload.pk))
    return posixpath.join(directory, name), file.sha256


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
