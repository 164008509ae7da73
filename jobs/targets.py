"""A job as the gate sees it."""

from dataclasses import dataclass

from access.targets import StartedTarget
from jobs.kinds import kind_of
from jobs.models import Job


@dataclass(frozen=True, slots=True)
class JobTarget(StartedTarget):
    """One job; ``user_id`` is who started it."""

    @classmethod
    def of(cls, job: Job) -> "JobTarget":
        whole = kind_of(job.kind).whole
        return cls("job", str(job.id), job.title, job.host, job.user_id, whole)
