"""One leftover taken away by its id, unless something uses it by now."""

from collections.abc import Callable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers import removals
from containers.models import Replacement
from engine.answers import parse_time
from engine.command_line import verb_line
from engine.engine import Engine
from engine.errors import Conflict
from engine.layer_chains import names_layers, sizes_of
from engine.leftovers import AT_WORK, Leftover
from engine.rows import container_from_inspect
from images.removing import names, remove_all

FORCE = False


class InUse(Exception):
    """It came into use since the preview, or is not what it was: it stays. ``str()`` says why."""


def remove(engine: Engine, thing: Leftover) -> int:
    """The bytes that went, as the engine counts them. Raises InUse, EngineErrors."""
    return REMOVERS[thing.kind](engine, thing)


def container(engine: Engine, thing: Leftover) -> int:
    """Never by force: one that starts between the question and the answer is refused. Its settings
    are kept as those of one that is removed by itself."""
    found = engine.commands.sized_container(thing.id)
    state = found.get("State") or {}
    if state.get("Status") in AT_WORK:
        raise InUse(_("It runs by now."))
    started = parse_time(state.get("StartedAt"))
    if thing.mark and started and started.isoformat() != thing.mark:
        raise InUse(_("It ran since the preview."))
    if Replacement.objects.filter(host=engine.name).filter(taking_part(thing.id)).exists():
        raise InUse(_("It is being made anew."))
    with removals.kept(ContainerTarget.of(engine.name, container_from_inspect(found)), found):
        engine.commands.remove(thing.id, FORCE, volumes=False)
    return int(found.get("SizeRw") or 0)


def taking_part(id: str) -> Q:
    return Q(old_id=id) | Q(new_id=id)


def image(engine: Engine, thing: Leftover) -> int:
    commands = engine.commands
    row = commands.image(thing.id)
    if " ".join((*row.tags, *row.digests)) != thing.mark:
        raise InUse(_("Its names changed since the preview."))
    engine.helpers.release(image=thing.id)
    if users := commands.users_of("ancestor", thing.id):
        raise InUse(used_by(users))
    sizes = sizes_of(commands.history(thing.id))
    found = names(row)
    which: Sequence[str] = found if len(found) > 1 else (thing.id,)
    gone = {name for word, name in remove_all(commands, which, FORCE) if word == "Deleted"}
    if f"sha256:{thing.id}" not in gone:
        raise Conflict(_("The engine took its names away and kept it."))
    if sizes is None or not names_layers(engine.mirror.snapshot.facts):
        return thing.size
    return sum(size for chain, size in sizes.items() if chain in gone)


def volume(engine: Engine, thing: Leftover) -> int:
    commands = engine.commands
    found = commands.inspect_volume(thing.id)
    if str(found.get("CreatedAt") or "") != thing.mark:
        raise InUse(_("It is another one of that name by now."))
    engine.helpers.release(volume=thing.id)
    if users := commands.users_of("volume", thing.id):
        raise InUse(used_by(users))
    commands.remove_volume(thing.id)
    return thing.size


def network(engine: Engine, thing: Leftover) -> int:
    if users := engine.commands.users_of("network", thing.id, thing.name):
        raise InUse(used_by(users))
    engine.commands.remove_network(thing.id)
    return 0


def cache(engine: Engine, thing: Leftover) -> int:
    size = engine.commands.prune_cache(thing.id)
    if size is None:
        raise InUse(_("A build uses it by now, or it is gone."))
    return size if thing.size else 0  # the engine counts what an image holds, too


def used_by(users: Sequence[str]) -> str:
    names = ", ".join(users[:3]) + "…" * (len(users) > 3)
    return _("In use by now: %(names)s.") % {"names": names}


def line_of(thing: Leftover) -> str:
    """The equal ``docker`` line of one object."""
    if thing.kind == "cache":
        return verb_line("builder", "prune", "--force", "--filter", f"id={thing.id}")
    words = {"container": ("rm",), "image": ("rmi",)}
    by_name = thing.name if thing.kind != "image" else thing.mark or thing.id[:12]
    return verb_line(*words.get(thing.kind, (thing.kind, "rm")), *by_name.split(" "))


REMOVERS: dict[str, Callable[[Engine, Leftover], int]] = {
    "container": container,
    "image": image,
    "volume": volume,
    "network": network,
    "cache": cache,
}
