"""What a watcher of jobs is told: ids when a state changed, numbers while it runs."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from access.actors import Actor
from access.gate import may
from engine.threads import door
from jobs import runner
from jobs.board import board
from jobs.models import Job
from jobs.progress import Part
from jobs.targets import JobTarget

Message = dict[str, Any]


async def of_all(actor: Actor) -> AsyncIterator[Message]:
    """Topic ``jobs``: which jobs changed, and the totals of those that run."""
    with board.watch() as watch:
        if board.changed_just_now:
            running = await door.run(running_for, actor)
            yield {"event": "jobs-changed", "ids": [], "running": running}
        async for changes in watch:
            seen = await door.run(visible, actor, list(changes))
            if ids := sorted(id for id in seen if changes[id]):
                running = await door.run(running_for, actor)
                yield {"event": "jobs-changed", "ids": ids, "running": running}
            if rows := [totals(run) for id in seen if (run := runner.find(id))]:
                yield {"event": "jobs-progress", "jobs": rows}


async def of_one(actor: Actor, job_id: str) -> AsyncIterator[Message]:
    """Topic ``job:<id>``: what is known now, then changed rows and totals, and the end.

    Nothing where it may not be seen. A job that is over already is told as changed: it may have
    ended between the page and its subscription.
    """
    sent: dict[str, Part] = {}
    told = 0  # lines
    with board.watch() as watch:
        if not await door.run(visible, actor, [job_id]):
            return
        watch.add(job_id, state_changed=runner.find(job_id) is None)
        async for changes in watch:
            if job_id not in changes:
                continue
            if run := runner.find(job_id):
                news = fresh_lines(run, told) | {"parts": fresh_parts(run, sent)}
                told = news["said"]
                yield totals(run) | {"event": "job-progress"} | news
            if changes[job_id]:
                yield {"event": "job-changed", "ids": [job_id]}


def visible(actor: Actor, ids: list[str]) -> list[str]:
    """Those of the jobs that the actor may see."""
    jobs = Job.objects.filter(id__in=[id for id in ids if is_id(id)])
    return [str(job.id) for job in jobs if may(actor, "job.see", JobTarget.of(job))]


def running_for(actor: Actor) -> int:
    return sum(may(actor, "job.see", JobTarget.of(run.job)) for run in runner.running())


def totals(run: runner.Running) -> Message:
    picture = run.progress.picture()
    return {
        "id": str(run.job.id),
        "current": picture.current,
        "total": picture.total,
        "rate": round(picture.rate),
        "left": None if picture.left is None else round(picture.left),
        "done": picture.done_parts,
        "count": len(picture.parts),
        "line": picture.lines[-1] if picture.lines else "",
    }


def fresh_parts(run: runner.Running, sent: dict[str, Part]) -> list[Message]:
    """The parts that differ from what this watcher has."""
    changed = [part for part in run.progress.picture().parts if sent.get(part.id) != part]
    sent.update((part.id, part) for part in changed)
    return [asdict(part) for part in changed]


def fresh_lines(run: runner.Running, told: int) -> Message:
    """``lines`` of the log up to the one numbered ``said``, as far as this watcher has them not."""
    picture = run.progress.picture()
    fresh = min(picture.said - told, len(picture.lines))
    return {"said": picture.said, "lines": picture.lines[-fresh:] if fresh > 0 else ()}


def is_id(text: str) -> bool:
    return len(text) == 36 and all(mark in "0123456789abcdef-" for mark in text)
