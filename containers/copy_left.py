"""After a restart: uploads that were complete already go on, under their people's rights of now."""

import asyncio
import logging

from django.db.models import F

from access.actors import Actor
from access.errors import Denied
from access.models import User
from containers import copy_upload
from engine.errors import EngineError
from engine.threads import door
from hosts.live import engine_of
from jobs.models import Job, State
from transfers.models import Upload

SECONDS = 0.5
log = logging.getLogger(__name__)


async def go_on() -> None:
    """Each as soon as its engine is there. Ends when none is left, or is cancelled."""
    waiting = await door.run(left_over)
    while waiting:
        for upload in waiting.copy():
            if is_up(upload.host):
                waiting.remove(upload)
                await door.run(hand_on, upload)
        await asyncio.sleep(SECONDS)


def left_over() -> list[Upload]:
    """Complete, and nobody saw their copy end. What failed or was cancelled waits for a person."""
    complete = Upload.objects.filter(received=F("size"), kind="container")
    return [upload for upload in complete if (job := job_of(upload)) is None or interrupted(job)]


def job_of(upload: Upload) -> Job | None:
    return Job.objects.filter(params__upload=str(upload.pk)).order_by("-created").first()


def interrupted(job: Job) -> bool:
    return job.state == State.INTERRUPTED


def is_up(host: str) -> bool:
    try:
        return engine_of(host).mirror.snapshot.state == "up"
    except EngineError:
        return False


def hand_on(upload: Upload) -> None:
    user = User.objects.filter(pk=upload.user_id).first()
    if user is None:
        return
    before = job_of(upload)
    try:
        job = copy_upload.arrived(Actor.of_user(user), upload)
    except (Denied, EngineError) as error:
        log.warning("The upload %s stays where it is: %s", upload, error.message)
        return
    if before is not None:
        before.result = {**before.result, "continued": job}
        before.save(update_fields=["result"])
