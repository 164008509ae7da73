"""What would go, asked of the engine now: every object, and the bytes that go with it."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from access.secrets import masked_text
from engine import leftovers
from engine.commands import Commands
from engine.engine import Engine
from engine.errors import NotFound
from engine.helpers import is_helper
from engine.layer_chains import Sizes, chains, freed, names_layers, sizes_of
from engine.leftovers import Leftover
from engine.types import ContainerRow, ImageRow
from pruning.options import Options
from pruning.what import What

MOST = 500  # objects in one prune: as many as a page lists


@dataclass(frozen=True, slots=True)
class Found:
    """``more``: how many further ones fit, for another time. ``exact``: no byte more or less."""

    things: tuple[Leftover, ...]
    more: int = 0
    exact: bool = True


def look(engine: Engine, what: What, options: Options) -> Found:
    """Ask the engine. Raises EngineErrors."""
    return FINDERS[what.slug](engine, options)


def containers(engine: Engine, options: Options) -> Found:
    rows = engine.commands.sized_containers()
    known = engine.mirror.snapshot.containers
    fitting = [thing for thing in leftovers.containers(rows) if options.fits(thing)]
    going = fitting[:MOST]
    alone = leftovers.left_alone(rows, {thing.id for thing in going})
    things = [
        replace(
            thing,
            volumes=tuple(name for name, id in alone.items() if id == thing.id),
            mark=started(known.get(thing.id)),
        )
        for thing in going
    ]
    if options.volumes and alone:
        names = {thing.id: thing.name for thing in going}
        usage = engine.commands.usage_of("volume")
        of = {name: names[id] for name, id in alone.items()}
        things += [leftovers.volume(row, of[row["Name"]]) for row in usage if row["Name"] in of]
    return cut(things, len(fitting) - len(going))


def users(engine: Engine) -> list[ContainerRow]:
    """All containers, but for our own helpers: these go when they are asked to."""
    return [row for row in engine.commands.containers() if not is_helper(row)]


def started(row: ContainerRow | None) -> str:
    """When it last started, where the mirror knows."""
    return row.started_at.isoformat() if row and row.started_at else ""


def images(engine: Engine, options: Options) -> Found:
    commands = engine.commands
    every = commands.every_image()
    used = {row.image_id for row in users(engine)}
    wanted = {
        row.id
        for row in every
        if (options.everything or row.dangling) and options.fits(thing_of(row, 0))
    }
    fitting = leftovers.images(every, used, wanted)
    going = fitting[:MOST]
    known = {row.id: sizes for row in going if (sizes := layer_sizes(commands, row)) is not None}
    bytes_of = freed(known, kept_chains(engine, every, used, {row.id for row in going}))
    told = len(known) == len(going) and names_layers(engine.mirror.snapshot.facts)
    exact = told and not (going and may_be_held(commands, known))
    things = [thing_of(row, bytes_of.get(row.id, row.size)) for row in going]
    return Found(tuple(things), len(fitting) - len(going), exact)


def layer_sizes(commands: Commands, row: ImageRow) -> Sizes | None:
    try:
        return sizes_of(commands.history(row.id))
    except NotFound:  # gone since the list
        return {}


def thing_of(row: ImageRow, size: int) -> Leftover:
    names = (*row.tags, *row.digests)
    return Leftover(
        kind="image",
        id=row.id,
        name=names[0] if names else row.short_id,
        size=size,
        since=row.created,
        detail=" ".join(names[1:]),
        labels=row.labels,
        mark=" ".join(names),
    )


def kept_chains(
    engine: Engine, every: list[ImageRow], used: Collection[str], going: Collection[str]
) -> set[str]:
    """The layers of all images that stay; those in the middle of another one add nothing."""
    parents = {row.parent_id for row in every}
    known: Mapping[str, ImageRow] = engine.mirror.snapshot.images
    found: set[str] = set()
    for row in every:
        nameless = not row.tags and not row.digests
        if row.id in going or (nameless and row.id in parents and row.id not in used):
            continue
        whole = known.get(row.id)
        if whole is None or not whole.inspected:
            with suppress(NotFound):
                whole = engine.commands.image(row.id)
        found.update(chains(whole.layer_digests if whole else ()))
    return found


def may_be_held(commands: Commands, known: Mapping[str, Sizes]) -> bool:
    """Whether the build cache may hold a layer that would go: of what it shares with images the
    engine tells the bytes and not the layer."""
    ours = {size for sizes in known.values() for size in sizes.values() if size}
    shared = (row for row in commands.usage_of("build-cache") if row.get("Shared"))
    return any(int(row.get("Size") or 0) in ours for row in shared)


def volumes(engine: Engine, options: Options) -> Found:
    taken = {mount.name for row in users(engine) for mount in row.mounts if mount.kind == "volume"}
    rows = engine.commands.usage_of("volume")
    found = leftovers.volumes(rows, taken, options.everything)
    return cut([thing for thing in found if options.fits(thing)])


def networks(engine: Engine, options: Options) -> Found:
    joined = {name for row in users(engine) for name in row.networks}
    found = leftovers.networks(engine.commands.networks(), joined)
    return cut([thing for thing in found if options.fits(thing)])


def cache(engine: Engine, options: Options) -> Found:
    rows = engine.commands.usage_of("build-cache")
    found = leftovers.cache(rows, options.everything, options.fits)
    return cut([replace(thing, name=masked_text(thing.name)) for thing in found])


def cut(things: list[Leftover], more: int = 0) -> Found:
    return Found(tuple(things[:MOST]), more + max(0, len(things) - MOST))


FINDERS: dict[str, Callable[[Engine, Options], Found]] = {
    "containers": containers,
    "images": images,
    "volumes": volumes,
    "networks": networks,
    "build-cache": cache,
}
