"""What is in a folder of a container, as data."""

from typing import Any

from django.utils.translation import gettext as _

from containers.api.operations import ONE, containers
from containers.directory import list_path
from containers.told_files import FolderOut, FolderPath, folder
from containers.views.file_pages import in_time, normal
from hosts.live import engine_of
from web import fetch
from web.request import Request
from web.typed import PAGE, Cursor, Id, Limit


@containers.get(f"{ONE}/folder", "container.files_read", FolderOut)
def container_folder(
    request: Request,
    host: str,
    container_id: Id,
    path: FolderPath = "/",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Any:
    """What is in a folder of a container that runs or does not, folders first."""
    target, at = fetch.container(request, host, container_id), normal(path)
    assert target.row is not None
    asking = list_path(engine_of(host), target.row, at)
    found = in_time(asking, _("the folder was not listed in time."))
    return folder(found, at, cursor, limit)
