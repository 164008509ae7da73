"""Images from a file, as a job: read as data, judged, given to the engine without names, named.

Named by ``docker tag`` at the end, and not by the archive: between the judging of a name and the
engine's own reading of it, minutes may pass.
"""

import hashlib
import re
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import ownership
from access.actors import Actor
from access.errors import Denied
from access.targets import Target
from engine import image_archives, image_parcels
from engine.command_line import verb_line
from engine.errors import EngineError, Refused
from engine.file_parts import Piece
from engine.image_archives import SavedImage
from engine.threads import door, to_the_end
from hosts.live import engine_of
from images import load_names
from images.layers import show
from images.load_left import clear
from images.made import actor_of, image_called
from jobs import runner
from jobs.errors import Unfinished
from jobs.kinds import Kind, Link, Order, Params, Work
from jobs.progress import Part, Progress
from transfers import arrivals, spool
from transfers.models import Upload

KIND_NAME = "image.load"
UPLOAD_KIND = "image"
LOADED = re.compile(r"Loaded image ID: (?:sha256:)?([0-9a-f]{64})")
MOST_LINKS = 10
FAILED_UPLOAD = timedelta(hours=1)  # so long a file waits for another try


def check_upload(actor: Actor, upload: Upload) -> None:
    """Before the first byte nothing is known but its size."""


def arrived(actor: Actor, upload: Upload) -> str:
    """Judge a complete archive and hand it on; the job's id. One that is refused for good goes."""
    params = {"upload": str(upload.pk), "file": upload.name, "size": upload.size}
    try:
        return str(runner.start(actor, KIND_NAME, upload.host, params).id)
    except (Denied, EngineError) as error:
        if error.status != TOO_MANY:
            spool.remove(upload)
        raise


TOO_MANY = 429


def order(host: str, params: Params) -> Order:
    return Order(
        key=params["upload"],
        title=params["file"],
        target=Target("image", "", params["file"], host),
        command_line=verb_line("load", "-i", params["file"]),
    )


def check(actor: Actor, host: str, params: Params) -> None:
    """Raises Denied where a name in it is not this person's to give, Refused where it is none."""
    load_names.judged(actor, host, image_archives.read(spool.file_of(upload_of(params).pk)))


def upload_of(params: Params) -> Upload:
    upload = Upload.objects.filter(pk=params["upload"], kind=UPLOAD_KIND).first()
    if upload is None or not upload.complete or not spool.file_of(upload.pk).exists():
        raise Refused(_("The uploaded file is not here any more: upload it again."))
    return upload


def begun(params: Params) -> Upload:
    """The file, which waits for another try from now on, but not long."""
    upload = upload_of(params)
    upload.expires = datetime.now(UTC) + FAILED_UPLOAD
    upload.save(update_fields=["expires"])
    return upload


async def run(work: Work) -> dict[str, Any]:
    """``{"images", "tags", "size", "sha256", "object_id"}``. The spool is freed at the end, or,
    where it fails or is cancelled, an hour later: until then it can be tried again."""
    upload = await door.run(begun, work.params)
    path, actor = spool.file_of(upload.pk), await door.run(actor_of, work.user_id)
    sha256 = await door.run(digest_of, path)
    if upload.wanted_sha256 not in ("", sha256):
        await door.run(spool.remove, upload)
        words = _("The file was damaged on its way (sha256 differs): upload it again.")
        raise Refused(words)
    saved = await door.run(image_archives.read, path)
    await checked(path, saved)
    ids = await loaded(work, path, saved)
    result = {"images": ids, "size": upload.size, "sha256": sha256, "object_id": ids[0]}
    try:
        # Too late to cancel it: images with half of their names, and nobody's, would be left.
        tags = await to_the_end(door.run(named, work, actor, saved, ids))
    except (Denied, EngineError) as error:
        raise Unfinished(error.message, result | {"tags": []}) from error
    await door.run(spool.remove, upload)
    return result | {"tags": tags}


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def checked(path: Path, saved: tuple[SavedImage, ...]) -> None:
    """In a thread, which is free again once somebody cancels: layers may be packed a thousandfold.
    Raises Refused."""
    over = threading.Event()
    try:
        await door.run(image_archives.check_layers, path, saved, over.is_set)
    finally:
        over.set()


async def loaded(work: Work, path: Path, saved: tuple[SavedImage, ...]) -> list[str]:
    """Ids of the images, in the archive's order. What a broken load left goes again."""
    engine = engine_of(work.host)
    before = frozenset(engine.mirror.snapshot.images)
    archive = told(image_parcels.written(path, saved), work, image_parcels.size_of(saved))
    found: list[str] = []
    try:
        async with engine.streams.load(archive) as objects:
            async for item in objects:
                take(item, work.progress, found)
        if len(found) != len(saved):
            raise EngineError(_("The engine did not say which images it loaded."))
    except BaseException:
        mine = {image.digest for image in saved} - before
        door.spawn(clear(engine, work.host, mine), f"clear after load {work.params['upload']}")
        raise
    return found


def take(item: Mapping[str, Any], progress: Progress, found: list[str]) -> None:
    show(progress, item)
    for line in str(item.get("stream") or "").splitlines():
        progress.line(line)
        if match := LOADED.search(line):
            found.append(match[1])


async def told(pieces: AsyncGenerator[Piece], work: Work, size: int) -> AsyncGenerator[Piece]:
    """The same pieces; the job is told how much of the file the engine has taken."""
    passed, label = 0, str(work.params["file"])
    try:
        async for piece in pieces:
            yield piece
            passed = min(size, passed + len(piece))
            work.progress.put(Part(label, "sending", passed, size, passed, size))
        work.progress.put(Part(label, "sent", size, size, size, size, done=True))
    finally:
        await pieces.aclose()


def named(work: Work, actor: Actor, saved: Sequence[SavedImage], ids: Sequence[str]) -> list[str]:
    """Give the names that the archive says, each judged once more against the engine of now."""
    engine, given = engine_of(work.host), list[str]()
    before = engine.mirror.snapshot.version
    for image, id in zip(saved, ids, strict=True):
        for reference in load_names.references(image):
            name = reference.familiar
            there = image_called(engine, name)
            load_names.need_free(actor, work.host, name, there, id)
            engine.commands.tag(id, reference.familiar_name, reference.tag)
            moved = there not in ("", id)
            words = _("Loaded image: %(name)s (before, %(id)s had this name)") if moved else ""
            line = words or _("Loaded image: %(name)s")
            work.progress.line(line % {"name": name, "id": there[:12]})
            given.append(name)
        engine.mirror.wait_seen("image", id, before)
    return given


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """Who loaded them has them now, with their team where they have one."""
    for image_id in result.get("images", ()):
        for user_id in user_ids:
            team_id = ownership.only_team(user_id, host)
            ownership.holds_image(host, image_id, user_id, team_id)


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    ids = list(dict.fromkeys(result.get("images", ())))
    if len(ids) == 1:
        return [(reverse("image-detail", args=[host, ids[0]]), _("Open the image"))]
    words = _("Open %(id)s")
    return [
        (reverse("image-detail", args=[host, id]), words % {"id": id[:12]})
        for id in ids[:MOST_LINKS]
    ]


KIND = Kind(
    KIND_NAME,
    gettext_lazy("Load"),
    run,
    order,
    links,
    settle=settle,
    check=check,
    takes="transfers",
)
ARRIVAL = arrivals.Kind(right=KIND_NAME, check=check_upload, arrived=arrived)
