"""The JSON of an archive of images, which anybody may have written. Pure."""

import json
from typing import Any

from engine.errors import Refused

# An object takes hundreds of bytes of memory for two of the file; a text in a list some fifty.
MOST_OBJECTS, MOST_TEXTS = 20_000, 200_000


class Fields(dict[str, Any]):
    """A JSON object that knows how its keys were written, and how often."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.keys_said = [key for key, _value in pairs]

    def is_plain(self, name: str) -> bool:
        """Whether this key is there at most once, and in no other spelling."""
        return [key for key in self.keys_said if key.casefold() == name] in ([], [name])


def refuse_twofold(config: Fields) -> None:
    """The layers that we look at have to be those that the engine reads: it takes ``RootFS`` for
    ``rootfs``, and the later of the two."""
    rootfs = config.get("rootfs")
    if not config.is_plain("rootfs"):
        raise Refused("rootfs of an image has to be named once, in small letters.")
    if isinstance(rootfs, Fields) and not rootfs.is_plain("diff_ids"):
        raise Refused("rootfs.diff_ids of an image has to be named once, in small letters.")


def parsed(name: str, data: bytes) -> Any:
    """Of the member ``name``; its objects are ``Fields``. Raises Refused."""
    if data.count(b"{") + data.count(b"[") > MOST_OBJECTS or data.count(b",") > MOST_TEXTS:
        raise Refused("%(name)s has too many parts.", name=name[:200])
    try:
        return json.loads(data, object_pairs_hook=Fields)
    except (ValueError, RecursionError) as error:
        raise Refused("%(name)s is no JSON: %(error)s.", name=name[:200], error=error) from error
