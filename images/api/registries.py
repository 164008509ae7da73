"""What registries have: repositories, their tags, and what a tag is."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query
from pydantic import Field

from images import search
from images.api.operations import images
from images.models import Registry
from images.references import HUB, BadReference, Reference
from images.registries import Anonymous
from images.views.search import facts_of, where, whole_name
from web import fetch
from web.errors import BadInput
from web.operations import Out
from web.paging import cursor_of, key_of
from web.problems import Problem
from web.request import Request
from web.typed import Cursor, Words

ALL = "/hosts/{host}/repositories"
MOST_PAGES = 10_000
In = Annotated[
    Words,
    Query(alias="in", description="A registry that you may use, by its address; else Docker Hub."),
]
Repository = Annotated[Words, Field(description="Without the registry: team/app.")]


class RepositoryOut(Out):
    """``name`` as ``docker pull`` takes it, less the tag. ``stars`` is null where the registry is
    only a catalogue of names."""

    repository: str
    name: str
    description: str
    stars: int | None
    official: bool


class RepositoryPage(Out):
    """``partial``: the registry has more than was looked at; a longer ``q`` finds them."""

    items: list[RepositoryOut]
    next: str | None
    partial: bool


class TagList(Out):
    """The newest-looking first. ``partial``: the registry has more than were read."""

    items: list[str]
    partial: bool


class TagFacts(Out):
    """``size`` in bytes is the compressed download, of the engine's own platform where there are
    several; ``created`` is null where the registry does not tell."""

    reference: str
    digest: str
    size: int
    platforms: list[str]
    created: datetime | None


@images.get(ALL, "image.search", RepositoryPage)
def repository_list(
    request: Request, host: str, q: Words = "", place: In = HUB, cursor: Cursor = ""
) -> Any:
    """Repositories that ``q`` names; of a registry's catalogue all, where it is empty."""
    engine = fetch.host(request, host)
    registry = registry_of(request, place)
    page = page_of(cursor)
    found = search.repositories(engine, registry, q.strip(), page)
    items = [repository_out(registry, hit) for hit in found.hits]
    following = cursor_of((str(page + 1),)) if found.more else None
    return RepositoryPage(items=items, next=following, partial=found.partial)


def repository_out(registry: Registry | Anonymous, hit: search.Hit) -> RepositoryOut:
    repository = whole_name(registry, hit.repository)
    return RepositoryOut(
        repository=hit.repository,
        name=Reference(registry.address, repository).familiar_name,
        description=hit.description,
        stars=hit.stars,
        official=hit.official,
    )


@images.get(f"{ALL}/tags", "image.search", TagList)
def repository_tags(
    request: Request, host: str, repository: Repository, place: In = HUB, q: Words = ""
) -> Any:
    """The tags of a repository that hold ``q``."""
    fetch.host(request, host)
    registry = registry_of(request, place)
    try:
        names, partial = search.tags(registry, whole_name(registry, repository))
    except BadReference as error:
        raise Problem(422, error.message, [("repository", error.message)]) from error
    return TagList(items=[name for name in names if q in name], partial=partial)


@images.get(f"{ALL}/tags/facts", "image.search", TagFacts)
def repository_tag(
    request: Request, host: str, repository: Repository, tag: Words, place: In = HUB
) -> Any:
    """What a tag is now: its digest, size, platforms and age."""
    engine = fetch.host(request, host)
    registry = registry_of(request, place)
    name = whole_name(registry, repository)
    try:
        facts = facts_of(engine, registry, name, tag)
    except BadReference as error:
        raise Problem(422, error.message, [("tag", error.message)]) from error
    return TagFacts(
        reference=f"{Reference(registry.address, name).familiar_name}:{tag}",
        digest=facts.digest,
        size=facts.size,
        platforms=list(facts.platforms),
        created=facts.created,
    )


def registry_of(request: Request, address: str) -> Registry | Anonymous:
    """Raises Problem 422 for one that nobody named here, or that is not for this person."""
    try:
        return where(request, address)
    except BadInput as error:
        raise Problem(error.status, error.message, [("in", error.message)]) from error


def page_of(cursor: str) -> int:
    """Raises Problem 422 for what no page of ours gave."""
    number = key_of(cursor)[0] if cursor else "1"
    return min(int(number), MOST_PAGES) if number.isascii() and number.isdecimal() else 1
