"""A container's whole file system as one .tar, without what is mounted into it."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from access import door
from access.actors import Actor
from access.targets import ContainerTarget
from engine.archive import whole
from engine.command_line import verb_line
from engine.engine import Engine
from hosts.live import engine_of
from transfers import downloads, recorded

RIGHT = "container.export"


def begin(actor: Actor, target: ContainerTarget, resumed: str = "") -> downloads.Download:
    """Start it, or find the one that was cut. Raises Denied or Hidden (recorded), 429, 507."""
    of, owner = f"{target.host}/{target.id}/export", actor.user_id or 0
    if resumed and (download := downloads.find(resumed, owner, of)):
        return download
    engine, file = engine_of(target.host), f"{target.name}.tar"
    line = verb_line("export", "-o", file, target.name)
    outcome = door.begin(actor, RIGHT, target, line)
    source = lambda: exported(engine, target.id)  # noqa: E731
    download = recorded.begin(owner, file, None, source, [outcome], of)
    recorded.need_first_byte(download)
    return download


@asynccontextmanager
async def exported(engine: Engine, container_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
    async with (
        engine.streams.export(container_id) as pieces,
        aclosing(whole(pieces)) as content,
    ):
        yield content
