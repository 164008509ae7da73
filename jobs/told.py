"""A job as the JSON API tells it."""

from datetime import datetime
from typing import Any

from ninja import Schema

from jobs import runner
from jobs.models import Job
from jobs.progress import Picture


class ProgressOut(Schema):
    """Bytes, bytes a second and seconds; ``total`` is 0 and ``left`` null while unknown."""

    current: int
    total: int
    rate: float
    left: float | None
    parts: int
    parts_done: int
    line: str


class JobOut(Schema):
    """Long work. ``over`` once it ended: then ``error`` is a sentence, or ``result`` what came."""

    id: str
    kind: str
    title: str
    host: str
    user: str
    state: str
    over: bool
    created: datetime
    started: datetime | None
    finished: datetime | None
    cancelled_by: str
    error: str
    result: dict[str, Any]
    progress: ProgressOut


class StartedJob(Schema):
    """Ask ``/jobs/<id>`` how it stands."""

    job: JobOut


def told(job: Job) -> JobOut:
    run = runner.find(job.id) if job.active else None
    picture = run.progress.picture() if run else Picture.of_json(job.progress)
    return JobOut(
        id=str(job.id),
        kind=job.kind,
        title=job.title,
        host=job.host,
        user=job.user,
        state=str(job.state),
        over=not job.active,
        created=job.created,
        started=job.started,
        finished=job.finished,
        cancelled_by=job.cancelled_by,
        error=job.error,
        result=job.result,
        progress=progress(picture),
    )


def progress(picture: Picture) -> ProgressOut:
    return ProgressOut(
        current=picture.current,
        total=picture.total,
        rate=picture.rate,
        left=picture.left,
        parts=len(picture.parts),
        parts_done=picture.done_parts,
        line=picture.lines[-1] if picture.lines else "",
    )
