"""What the engine is given of an archive of images: written anew, from what we have read of it.

The engine never gets what a person sent. It gets a plain tar of ours with the layers and
configurations that we found by our own reading, and a manifest without names: a reader that
understands a header or a key in another way than we do has nothing to understand.
"""

import json
import tarfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from engine.archive import tar_header
from engine.file_parts import PART, FilePart, Piece
from engine.image_archives import MANIFEST, SavedImage, Stretch
from engine.tar_parser import BLOCK
from engine.threads import door


def size_of(images: tuple[SavedImage, ...]) -> int:
    """Bytes of data that ``written`` will send."""
    return sum(stretch.size for stretch in parts(images))


def parts(images: tuple[SavedImage, ...]) -> dict[Stretch, str]:
    """What goes to the engine, each once, and under which name."""
    found: dict[Stretch, str] = {}
    for image in images:
        for stretch, ending in ((image.config, "json"), *((at, "tar") for at in image.layers)):
            found.setdefault(stretch, f"{len(found)}.{ending}")
    return found


def manifest(images: tuple[SavedImage, ...]) -> bytes:
    """Ours, without names: those are given by ``docker tag`` afterwards, each judged."""
    names = parts(images)
    items = [
        {
            "Config": names[image.config],
            "RepoTags": None,
            "Layers": [names[layer] for layer in image.layers],
        }
        for image in images
    ]
    return json.dumps(items).encode()


async def written(path: Path, images: tuple[SavedImage, ...]) -> AsyncGenerator[Piece]:
    """The tar for the engine. Raises OSError where the file is shorter than it was."""
    about = (0o644, 0, 0, datetime.now(UTC))
    ours = manifest(images)
    yield tar_header(MANIFEST, tarfile.REGTYPE, about, len(ours)) + ours + bytes(-len(ours) % BLOCK)
    file: BinaryIO = await door.run(path.open, "rb", 0)
    try:
        for stretch, name in parts(images).items():
            yield tar_header(name, tarfile.REGTYPE, about, stretch.size)
            for at in range(0, stretch.size, PART):
                yield FilePart(file, stretch.offset + at, min(PART, stretch.size - at))
            yield bytes(-stretch.size % BLOCK)
        yield bytes(2 * BLOCK)
    finally:
        file.close()
