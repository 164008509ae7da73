"""Calls about images and registries."""

from typing import Any

from engine import image_rows
from engine.auth import auth_body, auth_header
from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.errors import Refused
from engine.types import ImageRow, Layer, RegistryAuth, SearchHit
from engine.versions import version_key

REMOVE_DEADLINE = 60.0
REGISTRY_DEADLINE = 20.0
IMPORT_DEADLINE = 60.0
SHARED_SIZE_API = (1, 42)


class ImageCommands:
    _calls: Calls

    def images(self) -> list[ImageRow]:
        """All images except intermediate ones: one request."""

        def use(client: Client) -> list[ImageRow]:
            shared = version_key(client.api_version) >= SHARED_SIZE_API
            answer = client.get_json("/images/json", params={"shared-size": 1} if shared else {})
            return [image_rows.image_from_list(item) for item in answer]

        return self._calls.make(use)

    def image(self, ref: str, deadline: float = DEADLINE) -> ImageRow:
        """One image from one inspect; ``ref`` is an id or a reference."""
        return image_rows.image_from_inspect(self.inspect_image(ref, deadline))

    def inspect_image(self, ref: str, deadline: float = DEADLINE) -> dict[str, Any]:
        return self._calls.make(lambda client: client.get_json("/images/{0}/json", ref), deadline)

    def history(self, ref: str) -> list[Layer]:
        """The steps an image was made by, oldest first: two requests."""

        def use(client: Client) -> list[Layer]:
            digests = image_rows.layer_digests(client.get_json("/images/{0}/json", ref))
            return image_rows.layers(client.get_json("/images/{0}/history", ref), digests)

        return self._calls.make(use)

    def tag(self, image: str, repository: str, tag: str) -> None:
        self._calls.make(lambda client: client.tag(image, repository, tag))

    def remove_image(self, ref: str, force: bool) -> list[tuple[str, str]]:
        """What went: ("Untagged" or "Deleted", name). Raises Conflict where it is used."""

        def use(client: Client) -> list[tuple[str, str]]:
            answer = client.remove_image(ref, force=force) or []
            return [(kind, name) for item in answer for kind, name in item.items()]

        return self._calls.make(use, REMOVE_DEADLINE, long=True)

    def import_image(
        self, archive: bytes, repository: str, tag: str, changes: tuple[str, ...]
    ) -> None:
        """Make a one-layer image of a root file system (a plain tar), as ``docker import`` does.

        ``changes`` are Dockerfile instructions such as ``CMD ["sh"]``.
        """

        def use(client: Client) -> str:
            made = client.import_image_from_data(archive, repository, tag, list(changes))
            return str(made)

        answer = self._calls.make(use, IMPORT_DEADLINE, long=True)
        if '"error"' in answer:
            raise Refused(answer.strip())

    def search(self, term: str, limit: int, auth: RegistryAuth | None) -> list[SearchHit]:
        """Docker Hub, or the registry that ``term`` begins with, as the engine searches it."""

        def use(client: Client) -> list[SearchHit]:
            params = {"term": term, "limit": limit}
            answer = client.get_json("/images/search", params=params, headers=auth_header(auth))
            return [image_rows.search_hit(item) for item in answer or []]

        return self._calls.make(use, REGISTRY_DEADLINE, long=True)

    def login(self, auth: RegistryAuth) -> str:
        """Let the engine try credentials at their registry; the answer is its sentence.

        Raises Refused with the registry's own words.
        """
        return self._calls.make(
            lambda client: str(client.post_json("/auth", auth_body(auth)).get("Status") or ""),
            REGISTRY_DEADLINE,
            long=True,
        )
