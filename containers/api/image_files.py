"""The files of an image in the JSON API."""

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from containers.views.image_files import send_path
from web import fetch
from web.operations import Operations, streamed
from web.request import Request
from web.typed import Id, Words

image_files = Operations("images")
STREAM = streamed("application/octet-stream", ranges=True)


@image_files.get("/hosts/{host}/images/{image_id}/files", "image.files_read", None, openapi=STREAM)
def image_files_download(
    request: Request,
    host: str,
    image_id: Id,
    path: Annotated[Words, Field(description="Absolute.")],
    shape: Annotated[Literal["", "zip"], Query(alias="as")] = "",
) -> Any:
    """A file of an image raw, a folder as tar or zip; nothing is started."""
    return send_path(request, fetch.image(request, host, image_id), path, shape)
