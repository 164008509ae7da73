"""What the record says of a terminal: one intent when it starts, one result when it has ended."""

from django.db import DatabaseError
from django.utils import translation

from access import door
from access.actors import Actor
from access.errors import NotRecorded
from access.secrets import masked_text
from containers.models import OpenShell
from containers.shell_ends import End
from containers.shells import ShellOrder


class ShellRecord:
    """``open`` and ``close`` are synchronous and write the database: call them through the door."""

    def __init__(self, actor: Actor, order: ShellOrder, marker: str) -> None:
        self._actor, self._order, self._marker = actor, order, marker
        self._outcome: door.Outcome | None = None

    def open(self) -> None:
        """Raises Denied (recorded), NotRecorded where the intent cannot be written."""
        order = self._order
        self._outcome = door.begin(
            self._actor,
            order.right,
            order.target,
            order.command_line,
            argv=[masked_text(word) for word in order.argv],
            user=order.user,
            workdir=order.workdir,
        )
        host, container_id = order.target.host, order.target.id
        try:
            OpenShell.objects.create(marker=self._marker, host=host, container_id=container_id)
        except DatabaseError as error:
            raise NotRecorded(f"The terminal cannot be recorded: {error}") from error

    def close(self, end: End, output_bytes: int, typed_bytes: int) -> None:
        """The row of an open shell stays where something may be left: the reaper tries again."""
        if self._outcome is None:
            return
        self._outcome.fields |= {
            "bytes": output_bytes,
            "parameters": {
                **self._outcome.row["parameters"],
                "ended": end.kind.value,
                "exit_code": end.exit_code,
                "typed_bytes": typed_bytes,
            },
        }
        with translation.override("en"):
            door.finish(self._outcome, end.result, end.sentence())
        if end.killed:
            OpenShell.objects.filter(marker=self._marker).delete()
