"""Into a container, whole or not at all: nothing stands under its name before all of it has come.

The engine writes a file under its own name as it comes, and leaves half of it where the
connection ends. So the bytes go in under a name of ours; only then come the names, as hard links
to them; and at last our name goes. Whoever dies in between, the target is absent, old or whole.
"""

import asyncio
import hashlib
import tarfile
from collections.abc import AsyncGenerator
from contextlib import suppress

from engine.archive import tar_header
from engine.errors import EngineError, Refused
from engine.parcels import END, EPOCH, Parcel
from engine.streams import Streams
from engine.threads import door

TIDY_SECONDS = 20.0


async def deliver(streams: Streams, id: str, directory: str, parcel: Parcel, key: str) -> None:
    """Put ``parcel`` into ``directory``. ``key`` names this delivery: a second try takes the
    place of what the first left. Cancelling it leaves nothing. Raises EngineErrors.
    """
    part = part_name(key)
    try:
        await streams.put_archive(id, directory, parcel.tar(part))
    except Refused as error:
        await clear(streams, id, directory, part)
        if not is_about_links(error):
            raise
        await streams.put_archive(id, directory, parcel.tar(""))  # better than not at all
    except BaseException:
        # By a task of its own: a cancelled job does not wait, and a silent engine may take long.
        door.spawn(clear(streams, id, directory, part), f"clear {part}")
        raise
    else:
        await clear(streams, id, directory, part)


def part_name(key: str) -> str:
    return f".wharfinger-{hashlib.sha256(key.encode()).hexdigest()[:12]}.part"


def is_about_links(error: Refused) -> bool:
    """A file system without hard links (vfat, some network shares) says so here."""
    return "link " in error.message and ".part" in error.message


async def clear(streams: Streams, id: str, directory: str, name: str) -> None:
    """Remove ``name``, a file or a folder with all in it. It may be gone already.

    The engine has no call for it, but before it makes a member it removes what stands in its
    way: here a link to itself, which then fails for want of a target.
    """
    header = tar_header(name, tarfile.LNKTYPE, (0o600, 0, 0, EPOCH), link=name)
    with suppress(EngineError, TimeoutError):
        async with asyncio.timeout(TIDY_SECONDS):
            await streams.put_archive(id, directory, once(header + END), over_folders=True)


async def once(data: bytes) -> AsyncGenerator[bytes]:
    yield data
