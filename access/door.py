"""The one door to every change: authorise → audit intent → the change → audit result."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction

from access import shown_lines
from access.actors import SYSTEM, Actor
from access.beyond import passes
from access.dangers import GUARDED
from access.errors import Denied, Hidden, NotRecorded
from access.gate import authorize
from access.sight import HIDDEN
from access.targets import Target
from audit import chain
from audit.models import Entry, Result

log = logging.getLogger("audit")


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
        with suppress(NotRecorded):  # what failed says more than that this was not written, too
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
    asked = {"command_line": command_line, "parameters": parameters}
    try:
        authorize(actor, right, target)
    except Denied as refusal:
        denied(actor, right, target, refusal, **asked)
        raise
    row = about(actor, target) | asked
    return Outcome(right, row, intend(right, row).seq, time.monotonic())


def finish(outcome: Outcome, result: Result, reason: str = "") -> None:
    """The second half: the result row, with how long it took, and what it changes of ownership.

    Raises NotRecorded where it cannot be written: the intent stands, and reads unknown from the
    next start on.
    """
    took = round((time.monotonic() - outcome.started) * 1_000_000)
    row = {**outcome.row, "reason": reason, **outcome.fields, "duration_us": took}
    try:
        with transaction.atomic():
            if outcome.alongside is not None:
                outcome.alongside()
            chain.append(outcome.right, result, intent_seq=outcome.intent_seq, **row)
    except DatabaseError as error:
        log.exception("row %d of the audit log will have no result", outcome.intent_seq)
        words = "This was carried out, but its result could not be written to the audit log"
        raise NotRecorded(f"{words}: {error}") from error
    if result is Result.OK:
        shown_lines.add(str(outcome.row["command_line"]))


@contextmanager
def judged(actor: Actor, right: str, target: Target) -> Iterator[None]:
    """Record what a rule beyond the gate denies: a name, a registry, the fence."""
    try:
        yield
    except Denied as refusal:
        denied(actor, right, target, refusal)
        raise


def denied(actor: Actor, right: str, target: Target, refusal: Denied, **fields: Any) -> None:
    """Record a denial; denied it is, also where that cannot be written. Of what is hidden from
    whoever asked the row is, too: it has the name (``access.sight.entries``)."""
    if isinstance(refusal, Hidden):
        fields["parameters"] = {**fields.get("parameters", {}), HIDDEN: True}
    try:
        note(actor, right, target, Result.DENIED, reason=refusal.message, **fields)
    except (DatabaseError, NotRecorded) as error:
        log.error("a denial of %s to %s is not in the audit log: %s", right, actor.username, error)


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
    """Record something that has no intent: a login, a reveal, a session's end.

    Raises NotRecorded.
    """
    try:
        return chain.append(event, result, **{**about(actor, target), **fields})
    except DatabaseError as error:
        raise NotRecorded(f"The audit log cannot be written: {error}") from error


@contextmanager
def by_command(event: str, target: Target, command_line: str, **parameters: Any) -> Iterator[None]:
    """Guard a change that a command makes: whoever has the machine's shell passes no gate."""
    row = about(SYSTEM, target) | {"command_line": command_line, "parameters": parameters}
    outcome = Outcome(event, row, intend(event, row).seq, time.monotonic())
    try:
        yield
    except BaseException as error:
        finish(outcome, Result.FAILED, str(error) or type(error).__name__)
        raise
    finish(outcome, Result.OK)
