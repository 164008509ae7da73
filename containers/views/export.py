"""A container's file system as a file."""

from django.http import HttpResponseBase

from access.targets import ContainerTarget
from containers import exporting
from transfers.sending import send
from web import fetch
from web.request import Request
from web.routes import needs


@needs("container.export")
def container_export(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """``Range`` with ``If-Range`` goes on where it was cut."""
    return send_export(request, fetch.container(request, host, container_id))


def send_export(request: Request, target: ContainerTarget) -> HttpResponseBase:
    """For whoever passed the gate with ``container.export``."""
    resumed = request.headers.get("If-Range", "").strip('"')
    return send(request, exporting.begin(request.actor, target, resumed))
