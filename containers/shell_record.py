"""What the record says of a terminal: one intent when it starts, one result when it has ended."""

import logging
from typing import Any

from django.db import DatabaseError
from django.utils import translation

from access import door
from access.actors import Actor
from access.errors import NotRecorded
from audit.shelf import Whose
from containers.models import OpenShell
from containers.orders import Order
from containers.shell_ends import End, Leaving
from containers.shell_tape import ShellTape

log = logging.getLogger("terminals")


class ShellRecord:
    """``open`` and ``close`` are synchronous and write the database: call them through the door."""

    def __init__(self, actor: Actor, order: Order, marker: str, tape: ShellTape) -> None:
        self._actor, self._order, self._marker, self._tape = actor, order, marker, tape
        self._outcome: door.Outcome | None = None

    def open(self) -> None:
        """Raises Denied (recorded), NotRecorded where the intent cannot be written, or where
        there must be a recording and can be none."""
        order = self._order
        self._outcome = door.begin(
            self._actor,
            order.right,
            order.target,
            order.command_line,
            **order.parameters,
        )
        if order.leaving is Leaving.KILLS:
            self._remember(order.target.host, order.target.id)
        self._tape.begin(self._whose(self._outcome), order.size)

    def _remember(self, host: str, container_id: str) -> None:
        """For the reaper, should this server not see its end."""
        try:
            OpenShell.objects.create(marker=self._marker, host=host, container_id=container_id)
        except DatabaseError as error:
            raise NotRecorded(f"The terminal cannot be recorded: {error}") from error

    def _whose(self, outcome: door.Outcome) -> Whose:
        actor, target = self._actor, self._order.target
        return Whose(
            outcome.intent_seq,
            str(actor.user_id or ""),
            actor.username,
            target.host,
            target.id,
            target.name,
            self._order.command_line,
        )

    def close(self, end: End, output_bytes: int, typed_bytes: int) -> None:
        """The row of an open shell stays where something may be left: the reaper tries again."""
        if self._outcome is None:
            return
        recorded = self._sealed()
        self._outcome.fields |= {
            "bytes": output_bytes,
            "sha256": recorded.pop("sha256", ""),
            "parameters": {
                **self._outcome.row["parameters"],
                "ended": end.kind.value,
                "exit_code": end.exit_code,
                "typed_bytes": typed_bytes,
                **recorded,
            },
        }
        with translation.override("en"):
            door.finish(self._outcome, end.result, end.sentence())
        if end.killed:
            OpenShell.objects.filter(marker=self._marker).delete()

    def _sealed(self) -> dict[str, Any]:
        """What becomes of the recording must not keep the end of the terminal off the record."""
        try:
            return self._tape.close()
        except (DatabaseError, OSError) as error:
            log.warning("a recording could not be sealed: %s", error)
            return {"recording": "failed"}
