"""Helper containers: made from an image, never started, so that the files of an image or of a
volume can be read where no container runs: the engine's archive calls want one.

They are ours alone: the mirror hides them, and they go some seconds after their last use: who
removes an image or a volume on the host itself meanwhile is told of a container that nobody sees.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from engine.commands import Commands
from engine.errors import Conflict, EngineError, NotFound
from engine.spec_values import MountFlag, MountKind, MountSpec, NetworkSpec
from engine.specs import ContainerSpec
from engine.types import ContainerRow, EngineEvent

LABEL = "wharfinger.helper"
PREFIX = "wharfinger-helper-"
VOLUME_PLACE = "/wharfinger-volume"  # where one has the volume that is read
MOST, MOST_EACH = 32, 6  # of an engine; that one person uses at a time
LINGER = 10.0  # after the last use, in seconds: from one folder to the next
FRESH = 300.0  # an older one is not given out again
# Nobody's, and older than one that is still given out: a server that was killed has left it.
STRAY = timedelta(seconds=2 * FRESH)
# Of these the events say nothing to anybody.
ACTIONS = frozenset({"create", "archive-path", "destroy"})
log = logging.getLogger(__name__)


def is_helper(row: ContainerRow) -> bool:
    """Never started, and labelled with its own name, which nobody else may give: an image's label
    might say any other."""
    own = row.name.startswith(PREFIX) and row.labels.get(LABEL) == row.name
    return own and row.state == "created"


def is_of_helper(event: EngineEvent) -> bool:
    if event.kind == "volume":
        return event.attributes.get("destination") == VOLUME_PLACE
    label = event.attributes.get(LABEL)
    own = label is not None and label.startswith(PREFIX)
    named = own and label == event.attributes.get("name")
    return named and event.kind == "container" and event.action in ACTIONS


@dataclass(eq=False, slots=True)
class Helper:
    """``id`` is a container's. ``users`` (people's ids) hold it now, each as often as is written;
    ``left`` is when the last one went."""

    id: str
    image: str
    mounts: tuple[MountSpec, ...]
    made: float
    users: list[int] = field(default_factory=list)
    left: float = 0.0
    broken: bool = False

    def serves(self, image: str, mounts: tuple[MountSpec, ...]) -> bool:
        young = time.monotonic() - self.made < FRESH and not self.broken
        return young and (self.image, self.mounts) == (image, mounts)

    def has(self, image: str, volume: str) -> bool:
        volumes = {mount.source for mount in self.mounts}
        return self.image == image or (bool(volume) and volume in volumes)

    @property
    def over(self) -> bool:
        return not self.users and (self.broken or time.monotonic() - self.left > LINGER)


@dataclass(frozen=True, slots=True)
class Loan:
    """A helper in somebody's hands; 0 is nobody's person."""

    helper: Helper
    who: int

    @property
    def id(self) -> str:
        return self.helper.id


class Helpers:
    """Those of one engine. All methods block, for threads; none raises but EngineErrors."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._lock = threading.Lock()
        self._helpers: list[Helper] = []
        self._coming: list[int] = []  # for whom one is being made

    @contextmanager
    def borrowed(
        self, image: str, mounts: tuple[MountSpec, ...] = (), who: int = 0
    ) -> Iterator[str]:
        """The full id of one, for as long as the context lasts."""
        loan = self.enter(image, mounts, who)
        try:
            yield loan.id
        except NotFound:
            loan.helper.broken = True  # it may be the container that is gone, and not the path
            raise
        finally:
            self.leave(loan)

    def enter(self, image: str, mounts: tuple[MountSpec, ...] = (), who: int = 0) -> Loan:
        """One that shows the files of ``image`` (an id) with ``mounts`` in it: ``leave`` it.

        Raises Conflict where too many are in use, by all or by this person.
        """
        loan = self._found(image, mounts, who)
        if loan is not None:
            return loan
        made: Helper | None = None
        try:
            self._make_room()
            made = Helper(self._make(image, mounts), image, mounts, time.monotonic(), [who])
        finally:
            with self._lock:
                self._coming.remove(who)
                self._helpers += [made] if made else []
        return Loan(made, who)

    def _found(self, image: str, mounts: tuple[MountSpec, ...], who: int) -> Loan | None:
        """One that is there; None where one is to be made, which counts from now on."""
        with self._lock:
            there = next((each for each in self._helpers if each.serves(image, mounts)), None)
            if there is None or who not in there.users:
                self._need_share(who)
            if there is not None:
                there.users.append(who)
                return Loan(there, who)
            if sum(1 for each in self._helpers if each.users) + len(self._coming) >= MOST:
                raise Conflict("Too many images and volumes are looked into: try again soon.")
            self._coming.append(who)
        return None

    def _need_share(self, who: int) -> None:
        has = sum(1 for helper in self._helpers if who in helper.users) + self._coming.count(who)
        if who and has >= MOST_EACH:
            words = "You look into %d images and volumes at a time already: let one end."
            raise Conflict(words % MOST_EACH)

    def _make_room(self) -> None:
        """Those go first that were used last the longest ago, and are in nobody's hands."""
        with self._lock:
            idle = sorted((h for h in self._helpers if not h.users), key=lambda h: h.left)
            going = idle[: max(0, len(self._helpers) + len(self._coming) - MOST)]
        self._remove_where(lambda helper: helper in going and not helper.users)

    def leave(self, loan: Loan) -> None:
        with self._lock:
            loan.helper.users.remove(loan.who)
            loan.helper.left = time.monotonic()

    def sweep(self, hidden: Mapping[str, ContainerRow]) -> None:
        """Remove what nobody uses any more; ``hidden`` are the helpers that the mirror knows."""
        with self._lock:
            ours = {helper.id for helper in self._helpers}
        self._remove_where(lambda helper: helper.over)
        oldest = datetime.now(UTC) - STRAY
        for id, row in hidden.items():
            if id not in ours and row.created < oldest:
                self._remove(id)

    def release(self, image: str = "", volume: str = "") -> None:
        """Out of the way of who removes this image or volume: what is read now stays."""
        self._remove_where(lambda helper: not helper.users and helper.has(image, volume))

    def hold(self, volume: str) -> bool:
        """Whether one of them has this volume."""
        with self._lock:
            return any(helper.has("", volume) for helper in self._helpers)

    def close(self) -> None:
        """Remove all of them, used or not."""
        self._remove_where(lambda helper: True)

    def _remove_where(self, is_meant: Callable[[Helper], bool]) -> None:
        with self._lock:
            meant = [helper for helper in self._helpers if is_meant(helper)]
            for helper in meant:
                helper.broken = True  # nobody is given it meanwhile
        for helper in meant:
            self._remove(helper.id)

    def _remove(self, id: str) -> None:
        try:
            with suppress(NotFound):
                self._commands.remove(id, force=False, volumes=True)
        except EngineError as error:
            log.warning("The helper container %s stays for now: %s", id[:12], error.message)
            return
        with self._lock:
            self._helpers = [helper for helper in self._helpers if helper.id != id]

    def _make(self, image: str, mounts: tuple[MountSpec, ...]) -> str:
        name = PREFIX + secrets.token_hex(16)
        config = self._commands.inspect_image(image).get("Config") or {}
        taken = {mount.target for mount in mounts}
        declared = [path for path in config.get("Volumes") or {} if path not in taken]
        spec = ContainerSpec(
            image=image,
            name=name,
            command=("never-started",),
            labels=((LABEL, name),),
            networks=(NetworkSpec("none"),),
            mounts=(*map(in_place_of_volume, declared), *mounts),
        )
        return self._commands.create(spec)


def in_place_of_volume(path: str) -> MountSpec:
    """The engine makes an anonymous volume for each path that an image declares; not where
    something else is to stand. What never starts has no tmpfs: the image's own files show."""
    return MountSpec(MountKind.TMPFS, path, flag=MountFlag.MOUNT)


def volume_at(name: str, path: str) -> MountSpec:
    """A volume, read-only, into which nothing of the image is copied."""
    options = (("volume-nocopy", "true"),)
    return MountSpec(MountKind.VOLUME, path, name, True, options, MountFlag.MOUNT)
