"""What needs a person first, read from the mirror: unhealthy, restarting, out of memory, failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from containers.attention import Trouble, trouble_of
from engine.mirror import Snapshot
from engine.types import ContainerRow

WORDS: dict[Trouble, Promise] = {
    Trouble.UNHEALTHY: _("unhealthy"),
    Trouble.RESTARTING: _("restarting again and again"),
    Trouble.MEMORY: _("killed: out of memory"),
    Trouble.FAILED: _("ended with an error"),
    Trouble.DEAD: _("dead: the engine could not remove it"),
}


@dataclass(frozen=True, slots=True)
class Concern:
    """One container that needs a look, and why."""

    host: str
    row: ContainerRow
    trouble: Trouble

    @property
    def words(self) -> Promise:
        return WORDS[self.trouble]


def concerns(host: str, snapshot: Snapshot) -> Iterator[Concern]:
    now = datetime.now(UTC)
    for row in sorted(snapshot.containers.values(), key=lambda row: row.name):
        if (trouble := trouble_of(row, now)) is not None:
            yield Concern(host, row, trouble)
