"""The one door to every change: authorise → audit intent → the change → audit result."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction

from access.actors import Actor
from access.beyond import passes
from access.dangers import GUARDED
from access.errors import Denied, NotRecorded
from access.gate import authorize
from access.targets import Target
from audit import chain
from audit.models import Entry, Result


@dataclass(slots=True)
class Outcome:
    """A change under way. ``fields`` are columns of audit.Entry that its result row takes."""

    right: str
    row: dict[str, Any]
    intent_seq: int
    started: float  # time.monotonic()
    fields: dict[str, Any] = field(default_factory=dict)
    alongside: Callable[[], None] | None = None  # rows that stand or fall with the result's


@contextmanager
def change(
    actor: Actor, right: str, target: Target, command_line: str = "", **parameters: Any
) -> Iterator[Outcome]:
    """Guard one change. ``parameters`` are an allow-list of plain values, nothing secret.

    Raises Denied or Hidden (recorded), NotRecorded where the intent cannot be written;
    whatever the change raises is recorded as failed and raised again.
    """
    outcome = begin(actor, right, target, command_line, **parameters)
    try:
        yield outcome
    except BaseException as error:
        finish(outcome, Result.FAILED, str(error) or type(error).__name__)
        raise
    finish(outcome, Result.OK)


def begin(
    actor: Actor, right: str, target: Target, command_line: str = "", **parameters: Any
) -> Outcome:
    """The first half of ``change``, for what ends later and elsewhere: a job, a session.

    Whoever begins calls ``finish`` exactly once; a process that dies between is recorded as
    unknown at the next start.
    """
    if right in GUARDED and (reason := passes.reason(actor, target.host, target.id)):
        parameters["beyond_fence"] = reason
    row = about(actor, target) | {"command_line": command_line, "parameters": parameters}
    checked(actor, right, target, row)
    return Outcome(right, row, intend(right, row).seq, time.monotonic())


def finish(outcome: Outcome, result: Result, reason: str = "") -> None:
    """The second half: the result row, with how long it took, and what it changes of ownership."""
    with transaction.atomic():
        if outcome.alongside is not None:
            outcome.alongside()
        chain.append(
            outcome.right,
            result,
            intent_seq=outcome.intent_seq,
            duration_us=round((time.monotonic() - outcome.started) * 1_000_000),
            **{**outcome.row, "reason": reason, **outcome.fields},
        )


@contextmanager
def judged(actor: Actor, right: str, target: Target) -> Iterator[None]:
    """Record what a rule beyond the gate denies: a name, a registry, the fence."""
    try:
        yield
    except Denied as denied:
        note(actor, right, target, Result.DENIED, reason=denied.message)
        raise


def about(actor: Actor, target: Target) -> dict[str, Any]:
    return target.audit_fields() | {
        "user_id": str(actor.user_id or ""),
        "user": actor.username,
        "token": actor.scope.label if actor.scope else "",
        "session": actor.session,
        "address": actor.address,
        "browser": actor.browser,
        "request_id": actor.request_id,
    }


def checked(actor: Actor, right: str, target: Target, row: dict[str, Any]) -> None:
    try:
        authorize(actor, right, target)
    except Denied as denied:
        chain.append(right, Result.DENIED, reason=denied.message, **row)
        raise


def intend(right: str, row: dict[str, Any]) -> Entry:
    try:
        return chain.append(right, Result.INTENT, **row)
    except DatabaseError as error:
        raise NotRecorded(
            f"The audit log cannot be written, so nothing was changed: {error}"
        ) from error


def note(
    actor: Actor, event: str, target: Target, result: Result = Result.OK, **fields: Any
) -> Entry:
    """Record something that has no intent: a login, a reveal, a session's end."""
    return chain.append(event, result, **{**about(actor, target), **fields})
