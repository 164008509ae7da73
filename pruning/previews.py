"""What people were shown: exactly that goes, so it is kept until they say yes."""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from engine.errors import Conflict
from engine.leftovers import Leftover
from pruning.finding import Found
from pruning.options import Options
from pruning.what import What

KEPT_SECONDS = 900
MOST_EACH, MOST_KEPT = 6, 30


@dataclass(frozen=True, slots=True)
class Preview:
    """One answer of the engine for one person. ``key`` is a secret of theirs."""

    user_id: int | None
    host: str
    what: What
    options: Options
    found: Found
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    made: float = field(default_factory=time.monotonic)

    @property
    def things(self) -> tuple[Leftover, ...]:
        return self.found.things

    @property
    def bytes(self) -> int:
        return sum(thing.size for thing in self.things)

    @property
    def loses_data(self) -> bool:
        """Whether a word is typed first: volumes go, or more than what is surely rubbish."""
        volumes = any(thing.kind == "volume" for thing in self.things)
        return volumes or self.options.everything


class Previews:
    """In memory, for a quarter of an hour; the oldest go where there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Preview] = OrderedDict()

    def put(self, preview: Preview) -> Preview:
        with self._lock:
            self._kept[preview.key] = preview
            mine = [key for key, each in self._kept.items() if each.user_id == preview.user_id]
            for key in mine[:-MOST_EACH]:
                del self._kept[key]
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return preview

    def get(self, key: str, user_id: int | None, host: str, what: What) -> Preview:
        """Raises Conflict where it is not kept any more, or was never this person's."""
        with self._lock:
            found = self._kept.get(key)
        asked = (user_id, host, what)
        if found is None or (found.user_id, found.host, found.what) != asked or is_old(found):
            raise Conflict(
                _("This preview is not kept any more, and nothing was removed: look again first.")
            )
        return found


def is_old(preview: Preview) -> bool:
    return time.monotonic() - preview.made > KEPT_SECONDS


previews = Previews()
