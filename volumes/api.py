"""Volumes in the JSON API, over the same actions as the pages."""

from functools import partial
from typing import Annotated, Any, Literal

from ninja import Query, Status
from pydantic import Field

from access.secrets import masked_json
from access.targets import VolumeTarget
from containers.told_files import FolderAsked, FolderOut, folder
from engine.volume_plan import VolumePlan
from engine.volume_rows import VolumeRow
from hosts.live import engine_of
from volumes import actions
from volumes.query import grammar
from volumes.told import VolumeOut, told
from volumes.usable import visible
from volumes.views.files import folder_of, send_path
from web import fetch
from web.operations import In, Operations, Out, streamed
from web.paging import page
from web.problems import errors_of, need_right, need_understood
from web.request import Request
from web.typed import PAGE, Cursor, Limit, Text, Words

volumes = Operations("volumes")
ALL = "/hosts/{host}/volumes"
ONE = "/hosts/{host}/volumes/{volume_id}"
FILES = streamed("application/octet-stream", ranges=True)
MOST = 1000
Pairs = Annotated[dict[Text, Text], Field(max_length=MOST)]


class VolumePage(Out):
    items: list[VolumeOut]
    next: str | None


class NewVolume(In):
    """Each field stands for the option of ``docker volume create`` of that name."""

    name: Text
    driver: Text = "local"
    labels: Pairs = {}
    options: Pairs = {}


class VolumeCreated(Out):
    name: str


@volumes.get(ALL, "volume.see", VolumePage)
def volume_list(
    request: Request, host: str, q: Words = "", cursor: Cursor = "", limit: Limit = PAGE
) -> Any:
    """The volumes that you may see, by name. ``q`` is the filter language of the page."""
    snapshot = fetch.snapshot(request, host)
    query = grammar(snapshot.containers_of_volume).parse(q)
    need_understood(query.problems)
    everything = engine_of(host).commands.volume_rows()
    rows = visible(request.actor, host, everything, snapshot)
    found, rest = page(query.select(rows), key, cursor, limit)
    return VolumePage(items=[told(row, snapshot, sizes(host)) for row in found], next=rest)


def key(row: VolumeRow) -> tuple[str, ...]:
    return (row.name,)


def sizes(host: str) -> dict[str, int]:
    measured = engine_of(host).usage.last
    return measured.volume_sizes if measured else {}


@volumes.post(ALL, "volume.create", {201: VolumeCreated})
def volume_create(
    request: Request,
    host: str,
    volume: NewVolume,
    team: Annotated[Words, Field(description="Short name of the team that will own it.")] = "",
) -> Any:
    """Create a volume. 409 where the name is taken."""
    fetch.host(request, host)
    pairs = {"labels": tuple(volume.labels.items()), "options": tuple(volume.options.items())}
    plan = VolumePlan(volume.name, volume.driver, **pairs)
    need_right(errors_of(plan.problems()))
    return Status(201, VolumeCreated(name=actions.create(request.actor, host, plan, team)))


@volumes.get(ONE, "volume.see", VolumeOut)
def volume_detail(request: Request, host: str, volume_id: Words) -> Any:
    """One volume by its name."""
    target = fetch.volume(request, host, volume_id)
    return told(row_of(target), fetch.sight(request, host), sizes(host))


@volumes.get(f"{ONE}/inspect", "volume.see", dict[str, Any])
def volume_inspect(request: Request, host: str, volume_id: Words) -> Any:
    """All that the engine knows of it, values that look secret masked."""
    target = fetch.volume(request, host, volume_id)
    return masked_json(engine_of(host).commands.inspect_volume(target.name))


@volumes.get(f"{ONE}/folder", "container.files_read", FolderOut)
def volume_folder(
    request: Request,
    host: str,
    volume_id: Words,
    asked: Query[FolderAsked],
) -> Any:
    """What is in a folder of a volume, folders first; nothing is started."""
    target = fetch.volume(request, host, volume_id)
    return folder(asked, partial(folder_of, request, target))


@volumes.get(f"{ONE}/files", "container.files_read", None, openapi=FILES)
def volume_files(
    request: Request,
    host: str,
    volume_id: Words,
    path: Annotated[Words, Field(description="Of the volume, from a slash on.")],
    shape: Annotated[Literal["tar", "zip"], Query(alias="as")] = "tar",
) -> Any:
    """A file raw, a folder as tar or zip."""
    target = fetch.volume(request, host, volume_id)
    return send_path(request, target, path, shape)


@volumes.delete(ONE, "volume.remove", {204: None})
def volume_remove(request: Request, host: str, volume_id: Words) -> Any:
    """Remove a volume with all that is in it. 409 where containers have it."""
    actions.remove(request.actor, fetch.volume(request, host, volume_id))
    return Status(204, None)


def row_of(target: VolumeTarget) -> VolumeRow:
    assert target.row is not None
    return target.row
