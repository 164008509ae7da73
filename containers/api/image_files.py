"""The files of an image in the JSON API."""

from functools import partial
from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from containers.told_files import FolderAsked, FolderOut, folder
from containers.views.image_files import folder_of, send_path
from web import fetch
from web.operations import Operations, streamed
from web.request import Request
from web.typed import Id, Words

image_files = Operations("images")
ONE = "/hosts/{host}/images/{image_id}"
STREAM = streamed("application/octet-stream", ranges=True)


@image_files.get(f"{ONE}/folder", "image.files_read", FolderOut)
def image_folder(
    request: Request,
    host: str,
    image_id: Id,
    asked: Query[FolderAsked],
) -> Any:
    """What is in a folder of an image, folders first; nothing is started."""
    target = fetch.image(request, host, image_id)
    return folder(asked, partial(folder_of, target, request.actor.user_id or 0))


@image_files.get(f"{ONE}/files", "image.files_read", None, openapi=STREAM)
def image_files_download(
    request: Request,
    host: str,
    image_id: Id,
    path: Annotated[Words, Field(description="Absolute.")],
    shape: Annotated[Literal["", "zip"], Query(alias="as")] = "",
) -> Any:
    """A file of an image raw, a folder as tar or zip; nothing is started."""
    return send_path(request, fetch.image(request, host, image_id), path, shape)
