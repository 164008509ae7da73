"""Who looks at somebody else's terminal: by name, so that its person sees it."""

from collections.abc import Callable, Iterator

from access.actors import Actor
from containers.shell_ends import End
from containers.viewer import Viewer


class Watchers:
    """``changed`` is called when another one looks, or one less. On the loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._who: dict[Viewer, Actor] = {}

    def __iter__(self) -> Iterator[Viewer]:
        return iter(self._who)

    @property
    def names(self) -> list[str]:
        return sorted({actor.username for actor in self._who.values()})

    def add(self, viewer: Viewer, actor: Actor) -> None:
        self._who[viewer] = actor
        self._changed()

    def discard(self, viewer: Viewer) -> None:
        if self._who.pop(viewer, None) is not None:
            self._changed()

    def tell(self, message: bytes) -> None:
        for viewer in self._who:
            viewer.tell(message)

    def say_farewell(self, end: End) -> None:
        for viewer, actor in self._who.items():
            viewer.say_farewell(end.news(actor.language))
