"""A run that a program asks for: checked, done at most once for each key."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from access.errors import Denied, NotRecorded
from containers import actions, running
from containers.duplicates import masks_left, unmasked
from containers.models import RunKey
from containers.spec_schema import spec_of
from engine.errors import EngineError
from engine.specs import ContainerSpec
from engine.types import EngineState
from jobs.told import JobOut
from jobs.told import told as told_job
from web import fetch
from web.operations import In
from web.problems import Problem, errors_of, need_right
from web.request import Request

KEPT = timedelta(hours=24)
ENGINE_REFUSED = (404, 409, 422)
REPLAYED = "Idempotency-Replayed"


def checked(sent: In, original: ContainerSpec | None = None) -> ContainerSpec:
    """The typed spec, what is masked filled in from the original. Raises Problem 422 with every
    field that is wrong."""
    spec = spec_of(sent) if original is None else unmasked(spec_of(sent), original)
    need_right(errors_of(spec.problems()) + masks_left(spec))
    return spec


def run(request: Request, host: str, spec: ContainerSpec, team: str) -> tuple[JobOut | None, str]:
    """The job that pulls and runs, or the id of what was started. Raises Problem 503 where the
    engine is known to be away: then it is certain that nothing was made."""
    snapshot = fetch.sight(request, host)
    if snapshot.state is not EngineState.UP:
        words = _("The engine does not answer: %(error)s")
        raise Problem(503, words % {"error": snapshot.error or snapshot.state.value})
    if running.wants_pull(snapshot, spec):
        return told_job(actions.pull_and_run(request.actor, host, spec, team)), ""
    return None, actions.run(request.actor, host, spec, team)


def once(
    request: Request, key: str, asked: tuple[str, ...], act: Callable[[], tuple[int, BaseModel]]
) -> HttpResponse:
    """The answer of ``act``, or the one that this key got before.

    Raises Problem 422 where the key was used for something else, 409 where that is not over. A key
    is free again only where it is certain that nothing was made.
    """
    row = taken(request, key, hashlib.sha256(json.dumps(asked).encode()).hexdigest())
    if row.status:
        return answer(row.status, row.answer, {REPLAYED: "true"})
    try:
        status, made = act()
    except Exception as error:
        if nothing_was_made(error):
            row.delete()
        raise
    row.status, row.answer = status, made.model_dump_json()
    row.save(update_fields=["status", "answer"])
    return answer(status, row.answer)


def nothing_was_made(error: Exception) -> bool:
    """By what we or the engine refused. An engine that was asked and gave no answer may have made
    it, and so may what could not be recorded after it was done."""
    if isinstance(error, running.NotStarted):
        return not error.container_id and error.status in ENGINE_REFUSED
    if isinstance(error, NotRecorded):
        return False
    refused = isinstance(error, EngineError) and error.status in ENGINE_REFUSED
    return refused or isinstance(error, Problem | Denied)


def answer(status: int, body: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, "application/json; charset=utf-8", status, headers=headers)


def taken(request: Request, key: str, digest: str) -> RunKey:
    """The row of this key: new, or with the answer that it got."""
    who: dict[str, Any] = {
        "user_id": request.actor.user_id,
        "token": request.actor.scope.token_id if request.actor.scope else 0,
        "key": key,
    }
    RunKey.objects.filter(created__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            return RunKey.objects.create(**who, digest=digest)
    except IntegrityError:
        row = RunKey.objects.filter(**who).first()
    if row is None:  # the one that held it made nothing, and gave it back at this very moment
        raise under_way()
    if row.digest != digest:
        words = _("This key was used for another container: take a new one.")
        raise Problem(422, words, [("Idempotency-Key", words)])
    if not row.status:
        raise under_way()
    return row


def under_way() -> Problem:
    words = _("The run with this key is not over, or was cut off: look whether it is there.")
    return Problem(409, words)
