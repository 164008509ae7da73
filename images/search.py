"""Find repositories: Docker Hub through the engine, other registries by their catalogue."""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from engine.engine import Engine
from images import registries
from images.errors import RealmUnknown, RegistryRefused
from images.models import Registry
from images.references import HUB, check_repository
from images.registries import Anonymous, client_of
from images.registry_api import RegistryClient

MOST_HITS = 100
MOST_NAMES = 10_000
PAGE = 1000
SECONDS = 5.0
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Hit:
    """One repository. ``stars`` and ``official`` only where a search index says so."""

    repository: str
    description: str = ""
    stars: int | None = None
    official: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page. ``partial``: the registry has more than was looked at; ``more``: pages follow."""

    hits: tuple[Hit, ...]
    partial: bool = False
    page: int = 1
    more: bool = False

    @property
    def rated(self) -> bool:
        """An index describes and counts stars; a catalogue only lists names."""
        return any(hit.stars is not None for hit in self.hits)


def repositories(engine: Engine, registry: Registry | Anonymous, term: str, page: int = 1) -> Found:
    """Repositories that ``term`` names; of a catalogue all where it is empty, page by page.
    Raises EngineErrors with the registry's own words."""
    if registry.address == HUB:
        return by_index(engine, registry, term)
    try:
        return by_catalogue(client_of(registry), term, page)
    except RealmUnknown:
        raise
    except RegistryRefused as refused:
        try:
            return by_index(engine, registry, f"{registry.address}/{term}")
        except RegistryRefused:
            raise
        except Exception:
            raise refused from None


def by_index(engine: Engine, registry: Registry | Anonymous, term: str) -> Found:
    """Through the engine, as ``docker search`` asks: Docker Hub or an index like it."""
    auth = registries.auth_for(registry.address) if registry.address != HUB else None
    found = engine.commands.search(term, MOST_HITS, auth)
    prefix = "" if registry.address == HUB else f"{registry.address}/"
    hits = [
        Hit(hit.name.removeprefix(prefix), hit.description, hit.stars, hit.official)
        for hit in found
    ]
    hits.sort(key=lambda hit: (not hit.official, -(hit.stars or 0)))
    return Found(tuple(hits), len(hits) >= MOST_HITS)


def by_catalogue(client: RegistryClient, term: str, page: int = 1) -> Found:
    names, partial = listed(client, "/v2/_catalog", "repositories")
    wanted = term.lower()
    hits = [Hit(name) for name in names if wanted in name]
    hits.sort(key=lambda hit: (not hit.repository.startswith(wanted), hit.repository))
    first, end = (page - 1) * MOST_HITS, page * MOST_HITS
    return Found(tuple(hits[first:end]), partial, page, len(hits) > end)


def tags(registry: Registry | Anonymous, repository: str) -> tuple[list[str], bool]:
    """The repository's tags, the newest-looking first, and whether there are more."""
    check_repository(repository)
    names, partial = listed(client_of(registry), f"/v2/{repository}/tags/list", "tags")
    return sorted(names, key=version_key, reverse=True), partial


def listed(client: RegistryClient, path: str, key: str) -> tuple[list[str], bool]:
    """All pages of a list, up to MOST_NAMES or SECONDS; True where it stopped before the end."""
    names: list[str] = []
    ends = time.monotonic() + SECONDS
    address = f"{path}?{urlencode({'n': PAGE})}"
    while address:
        answer, headers = client.get(address)
        page = answer.get(key) if isinstance(answer, dict) else None
        names += [str(name) for name in page or []]
        following = _NEXT.search(headers.get("link", ""))
        address = following[1] if following else ""
        if address and (len(names) >= MOST_NAMES or time.monotonic() > ends):
            return names, True
    return names, False


def version_key(tag: str) -> tuple[bool, list[tuple[int, int | str]]]:
    """``latest`` first, then versions by their numbers: 10 after 9, and names below numbers."""
    parts = [part for part in _DIGITS.split(tag) if part]
    key: list[tuple[int, int | str]] = [
        (1, int(part)) if part.isdigit() else (0, part) for part in parts
    ]
    return tag == "latest", key
