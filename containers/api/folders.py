"""What is in a folder of a container, as data."""

from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from ninja import Query

from access.targets import ContainerTarget
from containers.api.operations import ONE, containers
from containers.directory import list_path
from containers.told_files import FolderAsked, FolderOut, folder
from containers.views.file_pages import in_time
from engine.archive import Listing
from hosts.live import engine_of
from web import fetch
from web.request import Request
from web.typed import Id


@containers.get(f"{ONE}/folder", "container.files_read", FolderOut)
def container_folder(
    request: Request,
    host: str,
    container_id: Id,
    asked: Query[FolderAsked],
) -> Any:
    """What is in a folder of a container that runs or does not, folders first."""
    target = fetch.container(request, host, container_id)
    return folder(asked, partial(folder_of, target))


def folder_of(target: ContainerTarget, path: str) -> Listing:
    assert target.row is not None
    asking = list_path(engine_of(target.host), target.row, path)
    return in_time(asking, _("the folder was not listed in time."))
