"""The kind of job that writes files into a container: from the spool, or from another container."""

import posixpath
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from containers import copy_across, copy_upload
from jobs.kinds import Kind, Link, Order, Params, Work
from transfers import arrivals


def order(host: str, params: Params) -> Order:
    return copy_across.order(host, params) if "from" in params else copy_upload.order(host, params)


async def run(work: Work) -> dict[str, Any]:
    return await (copy_across.run(work) if "from" in work.params else copy_upload.run(work))


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    """To the folder that it went into, or to the job that went on with it."""
    if job := result.get("continued"):
        return [(reverse("job-detail", args=[job]), _("Went on as another job"))]
    if not (result.get("path") and result.get("container")):
        return []
    page = reverse("container-files", args=[host, result["container"]])
    folder = posixpath.dirname(result["path"])
    return [(f"{page}?{urlencode({'path': folder})}", _("Open the folder"))]


KIND = Kind(
    name=copy_upload.KIND_NAME,
    title=gettext_lazy("Copy"),
    run=run,
    order=order,
    links=links,
    most_per_person=50,
    takes="transfers",
)
ARRIVAL = arrivals.Kind(
    right=copy_upload.KIND_NAME, check=copy_upload.check, arrived=copy_upload.arrived
)
