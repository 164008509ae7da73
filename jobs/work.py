"""One job's function, run to an end that can be kept."""

import logging
from dataclasses import dataclass, field
from typing import Any

from access.errors import Denied
from engine.errors import EngineError
from jobs.errors import Unfinished
from jobs.kinds import Kind, Work
from jobs.models import Job, State
from jobs.progress import Progress

log = logging.getLogger(__name__)
DEFECT = "Wharfinger failed here. The log of the server says more."


@dataclass(frozen=True, slots=True)
class End:
    """How a job ended. ``error`` is a sentence, the engine's own where it refused."""

    state: State
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""


async def carry_out(kind: Kind, job: Job, progress: Progress) -> End:
    """Run to done or failed; a cancellation passes through."""
    work = Work(job.host, job.params, progress, job.user_id)
    try:
        return End(State.DONE, await kind.run(work))
    except Unfinished as error:
        return End(State.FAILED, dict(error.result), error.message)
    except (EngineError, Denied) as error:
        return End(State.FAILED, error=error.message)
    except Exception:
        log.exception("Job %s %s failed", job.kind, job.id)
        return End(State.FAILED, error=DEFECT)
