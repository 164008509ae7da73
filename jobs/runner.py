"""Runs jobs: one engine operation for many watchers, with cancel and a result that stays a day.

``start`` and ``cancel`` are called from threads; the work itself runs on the loop.
"""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import at_once, door
from access.actors import Actor
from access.at_once import NOBODYS, Seat
from access.gate import authorize
from audit.models import Result
from engine import threads
from engine.errors import Conflict
from jobs.board import board
from jobs.errors import TooMany
from jobs.kinds import Kind, Order, Params, kind_of
from jobs.models import ACTIVE, Job, State
from jobs.progress import Progress
from jobs.targets import JobTarget
from jobs.work import End, carry_out

KEEP = timedelta(hours=24)
SWEEP_SECONDS = 600
CANCEL_SECONDS = 3.0
Identity = tuple[str, str, str]


@dataclass(slots=True)
class Running:
    """One job under way in this process."""

    job: Job
    identity: Identity
    outcome: door.Outcome
    progress: Progress
    seat: Seat
    cancelled_by: str = ""
    asked_by: list[int] = field(default_factory=list)  # who started it, and who joined
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)


_running: dict[Identity, Running] = {}
_lock = threading.Lock()


def running() -> list[Running]:
    """The jobs under way, oldest first. From memory: no query."""
    return list(_running.values())


def find(job_id: object) -> Running | None:
    return next((run for run in running() if str(run.job.id) == str(job_id)), None)


def start(actor: Actor, kind_name: str, host: str, params: Params) -> Job:
    """Start a job, or join the one that does the same already.

    Raises Denied or Hidden (recorded), TooMany, NotRecorded.
    """
    kind = kind_of(kind_name)
    order = kind.order(host, params)
    identity = (kind.name, host, order.key)
    with door.judged(actor, kind.name, order.target):
        authorize(actor, kind.name, order.target)
        kind.check(actor, host, params)
    with _lock:
        if (same := _running.get(identity)) is not None:
            return join(actor, order, same)
        refuse_too_many(actor, kind, order)
        with door.judged(actor, kind.name, order.target):
            seat = at_once.enter(actor, host, kind.takes) if kind.takes else NOBODYS
        try:
            outcome = door.begin(actor, kind.name, order.target, order.command_line, **params)
            return launch(actor, kind, host, params, order, outcome, seat)
        except BaseException:
            seat.leave()
            raise


def join(actor: Actor, order: Order, run: Running) -> Job:
    authorize(actor, run.job.kind, order.target)
    if actor.user_id is not None and actor.user_id not in run.asked_by:
        run.asked_by.append(actor.user_id)
    door.note(
        actor,
        run.job.kind,
        order.target,
        command_line=order.command_line,
        reason=f"joined job {run.job.id} of {run.job.user}",
    )
    return run.job


def refuse_too_many(actor: Actor, kind: Kind, order: Order) -> None:
    mine = [
        run
        for run in running()
        if run.job.kind == kind.name and run.job.user_id == str(actor.user_id)
    ]
    if len(mine) < kind.most_per_person:
        return
    message = ngettext(
        "You run %(count)d job of this kind already: wait for it or cancel it (%(titles)s).",
        "You run %(count)d jobs of this kind already: wait for one or cancel it (%(titles)s).",
        len(mine),
    ) % {"count": len(mine), "titles": ", ".join(run.job.title for run in mine)}
    door.note(actor, kind.name, order.target, Result.DENIED, reason=message)
    raise TooMany(message)


def launch(
    actor: Actor,
    kind: Kind,
    host: str,
    params: Params,
    order: Order,
    outcome: door.Outcome,
    seat: Seat,
) -> Job:
    try:
        job = Job.objects.create(
            kind=kind.name,
            title=order.title,
            host=host,
            user_id=str(actor.user_id or ""),
            user=actor.username,
            params=dict(params),
            command_line=order.command_line,
            intent_seq=outcome.intent_seq,
        )
        progress = Progress(lambda: board.touch(str(job.id)), most_lines=kind.most_lines)
        run = Running(job, (kind.name, host, order.key), outcome, progress, seat)
        run.asked_by += [actor.user_id] if actor.user_id is not None else []
        _running[run.identity] = run
        run.task = threads.door.spawn(serve(kind, run), f"job {job.kind} {job.id}")
    except BaseException as error:
        _running.pop((kind.name, host, order.key), None)
        door.finish(outcome, Result.FAILED, str(error) or type(error).__name__)
        raise
    return job


async def serve(kind: Kind, run: Running) -> None:
    """One job from its start to its recorded end, also when it is cancelled."""
    end = End(State.INTERRUPTED)
    try:
        await threads.door.run(mark_running, run.job)
        board.touch(str(run.job.id), state_changed=True)
        end = await carry_out(kind, run.job, run.progress)
    except asyncio.CancelledError:
        if run.cancelled_by:
            end = End(State.CANCELLED)
        raise
    finally:
        try:
            # Cancelled as it ended, it would run for ever as far as anybody could see.
            await threads.to_the_end(threads.door.run(record, run, end))
        finally:
            run.seat.leave()
            _running.pop(run.identity, None)
            board.touch(str(run.job.id), state_changed=True)


def mark_running(job: Job) -> None:
    job.state, job.started = State.RUNNING, timezone.now()
    job.save(update_fields=["state", "started"])


def record(run: Running, end: End) -> None:
    """Keep the end: the job's row and the audit's result."""
    job = run.job
    job.state, job.finished, job.cancelled_by = end.state, timezone.now(), run.cancelled_by
    job.result, job.error, job.progress = end.result, end.error, run.progress.picture().as_json()
    run.outcome.fields["bytes"] = job.progress["current"] or None
    run.outcome.fields["sha256"] = end.result.get("sha256", "")
    if object_id := end.result.get("object_id"):
        run.outcome.fields["object_id"] = object_id
    if (made := end.result.get("image_id")) and run.outcome.row["object_kind"] != "image":
        run.outcome.fields["parameters"] = run.outcome.row["parameters"] | {"image": made}
    settle = kind_of(job.kind).settle
    run.outcome.alongside = lambda: settle(job.host, job.params, job.result, run.asked_by)
    if end.state == State.DONE:
        door.finish(run.outcome, Result.OK)
    else:
        door.finish(run.outcome, Result.FAILED, end.error or reason(run, end))
    job.save()


def reason(run: Running, end: End) -> str:
    return (
        f"cancelled by {run.cancelled_by}" if run.cancelled_by else f"{end.state} by a server stop"
    )


def cancel(actor: Actor, job: Job) -> None:
    """Stop a job for everybody who watches it. Raises Conflict where it is over already."""
    with door.change(actor, "job.cancel", JobTarget.of(job)):
        with _lock:
            run = find(job.id)
        if run is None or run.task is None:
            raise Conflict(_("This job is over already: there is nothing to cancel."))
        run.cancelled_by = run.cancelled_by or actor.username
        threads.door.call(stop(run.task), CANCEL_SECONDS + 1)


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task], timeout=CANCEL_SECONDS)


def retry(actor: Actor, job: Job) -> Job:
    """The same again as a new job, under the gate of its kind. Raises Conflict, TooMany."""
    if not job.can_retry:
        raise Conflict(_("Only a job that failed, was cancelled or interrupted can run again."))
    return start(actor, job.kind, job.host, job.params)


def interrupt_left() -> int:
    """At start: what an earlier process left running is interrupted. Returns how many."""
    return Job.objects.filter(state__in=ACTIVE).update(
        state=State.INTERRUPTED, finished=timezone.now()
    )


def forget_old() -> int:
    return Job.objects.filter(finished__lt=timezone.now() - KEEP).delete()[0]


async def sweep() -> None:
    """Forget results after a day; until cancelled."""
    while True:
        await threads.door.run(forget_old)
        await asyncio.sleep(SWEEP_SECONDS)
