"""Under which name something goes into a directory of a container, where its own is taken."""

import posixpath
from dataclasses import dataclass

from django.utils.translation import gettext as _

from containers.copy_out import resolve
from engine.commands import Commands
from engine.errors import Conflict, NotFound, Refused
from engine.types import PathStat
from transfers import models as transfers

MOST_COPIES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where to: a full id, an absolute directory and a base name; ``conflict`` as for uploads."""

    container: str
    directory: str
    name: str
    conflict: str
    is_folder: bool = False


def need_directory(commands: Commands, container_id: str, path: str) -> None:
    """Raises NotFound, and Refused where it is something else."""
    found, there = resolve(commands, container_id, path)
    if not there.is_dir:
        raise Refused(_("%(path)s is not a directory.") % {"path": found})


def need_answer(commands: Commands, place: Place) -> None:
    """Raises Conflict where the name is taken and nobody said what to do then."""
    path = posixpath.join(place.directory, place.name)
    asking = place.conflict in ("", transfers.Conflict.ASK)
    if asking and stat_or_none(commands, place.container, path) is not None:
        words = _("%(path)s is there already: replace it, keep both, or skip it.")
        raise Conflict(words % {"path": path})


def free_name(commands: Commands, place: Place) -> str:
    """The name to write under; empty where it is to be skipped. Raises Conflict.

    A folder that replaces a folder is merged into it, file by file.
    """
    there = stat_or_none(commands, place.container, posixpath.join(place.directory, place.name))
    if there is None:
        return place.name
    if place.conflict == transfers.Conflict.SKIP:
        return ""
    if place.conflict == transfers.Conflict.KEEP_BOTH:
        return unused_name(commands, place)
    if place.conflict == transfers.Conflict.REPLACE and there.is_dir == place.is_folder:
        return place.name
    words = _("%(name)s is there already, in %(directory)s.")
    raise Conflict(words % {"name": place.name, "directory": place.directory})


def unused_name(commands: Commands, place: Place) -> str:
    stem, suffix = (place.name, "") if place.is_folder else posixpath.splitext(place.name)
    for number in range(2, MOST_COPIES):
        name = f"{stem} ({number}){suffix}"
        path = posixpath.join(place.directory, name)
        if stat_or_none(commands, place.container, path) is None:
            return name
    raise Conflict(_("There are too many files of that name already."))


def stat_or_none(commands: Commands, container_id: str, path: str) -> PathStat | None:
    try:
        return commands.stat(container_id, path)
    except NotFound:
        return None
