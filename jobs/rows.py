"""A job as a row shows it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobs import runner
from jobs.kinds import kind_of
from jobs.models import Job, State
from jobs.progress import Picture

COLOURS = {
    State.QUEUED: "info",
    State.RUNNING: "info",
    State.DONE: "ok",
    State.FAILED: "bad",
    State.CANCELLED: "idle",
    State.INTERRUPTED: "warn",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    job: Job
    picture: Picture
    colour: str
    verb: str
    seconds: float | None  # how long it ran
    may_cancel: bool
    outcome: str  # why it ended as it did, "" while it runs or where it is done

    @property
    def percent(self) -> int | None:
        """How much of it is done, while it runs and its size is known."""
        picture = self.picture
        known = self.job.active and picture.total
        return round(100 * picture.current / picture.total) if known else None


def row_of(job: Job, may_cancel: bool) -> JobRow:
    run = runner.find(job.id) if job.active else None
    picture = run.progress.picture() if run else Picture.of_json(job.progress)
    colour, verb = COLOURS[State(job.state)], str(kind_of(job.kind).title)
    return JobRow(job, picture, colour, verb, seconds(job), may_cancel, outcome(job))


def seconds(job: Job) -> float | None:
    if job.started is None or job.finished is None:
        return None
    return (job.finished - job.started).total_seconds()


def outcome(job: Job) -> str:
    if job.error:
        return _(job.error)
    if job.state == State.CANCELLED:
        return _("Cancelled by %(person)s.") % {"person": job.cancelled_by}
    if job.state == State.INTERRUPTED:
        return _("The server stopped while this was running.")
    return ""
