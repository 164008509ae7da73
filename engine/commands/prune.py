"""Calls that find what nothing uses, and take away one thing of it."""

import json
from typing import Any

from engine import image_rows
from engine.commands.calls import Calls
from engine.commands.client import Client
from engine.commands.host import once_free
from engine.types import ImageRow
from engine.versions import version_key

SIZES_DEADLINE = 60.0  # the engine walks what it measures
TYPED_USAGE_API = (1, 42)
# What /system/df calls them, and the key of their list.
USAGE = {"volume": "Volumes", "build-cache": "BuildCache"}


class PruneCommands:
    _calls: Calls

    def sized_containers(self) -> list[dict[str, Any]]:
        """All containers as the engine lists them, with ``SizeRw``: bytes of their own layer."""
        params = {"all": 1, "size": 1}
        return self._calls.make(
            lambda client: client.get_json("/containers/json", params=params),
            SIZES_DEADLINE,
            long=True,
        )

    def sized_container(self, id: str) -> dict[str, Any]:
        """One inspect with ``SizeRw``."""
        return self._calls.make(
            lambda client: client.get_json("/containers/{0}/json", id, params={"size": 1}),
            SIZES_DEADLINE,
            long=True,
        )

    def every_image(self) -> list[ImageRow]:
        """All images, those between the steps of a build too."""

        def use(client: Client) -> list[ImageRow]:
            answer = client.get_json("/images/json", params={"all": 1})
            return [image_rows.image_from_list(item) for item in answer]

        return self._calls.make(use)

    def usage_of(self, kind: str) -> list[dict[str, Any]]:
        """The ``volume`` or ``build-cache`` rows of ``/system/df``, measured now."""

        def use(client: Client) -> list[dict[str, Any]]:
            typed = version_key(client.api_version) >= TYPED_USAGE_API
            answer = client.get_json("/system/df", params={"type": kind} if typed else {})
            return answer.get(USAGE[kind]) or []

        return once_free(lambda: self._calls.make(use, SIZES_DEADLINE, long=True))

    def users_of(self, kind: str, *ids: str) -> list[str]:
        """The names of the containers, stopped ones too, that have this ``volume`` or ``network``,
        or are made from this image (``ancestor``) or one on top of it. Those that never ran have
        their networks by name only."""

        def use(client: Client) -> list[str]:
            params = {"all": 1, "filters": json.dumps({kind: ids})}
            answer = client.get_json("/containers/json", params=params)
            return [(item.get("Names") or [item["Id"][:12]])[0].lstrip("/") for item in answer]

        return self._calls.make(use)

    def prune_cache(self, id: str) -> int | None:
        """Take one record of the build cache away: its bytes, or None where it was in use."""

        def use(client: Client) -> int | None:
            params = {"all": 1, "filters": json.dumps({"id": [id]})}
            answer = client.post_json("/build/prune", {}, params)
            gone = id in (answer.get("CachesDeleted") or ())
            return int(answer.get("SpaceReclaimed") or 0) if gone else None

        return self._calls.make(use, SIZES_DEADLINE, long=True)
