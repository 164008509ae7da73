"""What becomes of a complete upload: each kind is registered by the feature that wants it."""

from collections.abc import Callable
from dataclasses import dataclass

from access.actors import Actor
from transfers.models import Upload


@dataclass(frozen=True, slots=True)
class Kind:
    """``check`` refuses before the first byte; ``arrived`` hands the file on to a job and
    gives its id; or, of a file that waits for a request that names it, the upload's own."""

    right: str
    check: Callable[[Actor, Upload], None]
    arrived: Callable[[Actor, Upload], str]


kinds: dict[str, Kind] = {}
