"""Jobs in the JSON API: see and cancel."""

import uuid
from itertools import islice
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from access.gate import may
from engine.errors import Conflict
from jobs import runner
from jobs.models import Job
from jobs.targets import JobTarget
from jobs.told import JobOut, told
from jobs.views import job_of
from web import fetch
from web.operations import Operations, Out
from web.paging import cut, key_of
from web.request import Request
from web.typed import PAGE, Cursor, Limit

jobs = Operations("jobs")
State = Literal["", "queued", "running", "done", "failed", "cancelled", "interrupted"]


class JobPage(Out):
    items: list[JobOut]
    next: str | None


@jobs.get("/jobs", "job.see", JobPage)
def job_list(
    request: Request,
    state: Annotated[State, Field(description="Only those in this state.")] = "",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Any:
    """The jobs that you may see, the newest first; results are kept for a day."""
    fetch.site(request)
    behind = key_of(cursor) if cursor else ()
    rows = Job.objects.order_by("-created", "-id")
    rows = rows.filter(state=state) if state else rows
    seen = (job for job in rows.iterator() if may(request.actor, "job.see", JobTarget.of(job)))
    after = (job for job in seen if not behind or key(job) < behind)
    shown, rest = cut(list(islice(after, limit + 1)), key, limit)
    return JobPage(items=[told(job) for job in shown], next=rest)


def key(job: Job) -> tuple[str, ...]:
    return job.created.isoformat(timespec="microseconds"), str(job.id)


@jobs.get("/jobs/{uuid:job_id}", "job.see", JobOut)
def job_detail(request: Request, job_id: uuid.UUID) -> Any:
    """How one job stands."""
    return told(job_of(request, job_id))


@jobs.post("/jobs/{uuid:job_id}/cancel", "job.cancel", {200: JobOut})
def job_cancel(request: Request, job_id: uuid.UUID) -> Any:
    """Stop it, for everybody who waits for it. 409 where it is over already."""
    job = job_of(request, job_id)
    if not job.active:  # its end is written a moment before the runner lets go of it
        raise Conflict(_("This job is over already: there is nothing to cancel."))
    runner.cancel(request.actor, job)
    job.refresh_from_db()
    return told(job)
