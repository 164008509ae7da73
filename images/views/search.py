"""Search registries, look at a repository's tags, and go on to pull."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from access.gate import may
from engine.engine import Engine
from engine.errors import EngineError
from images import manifests, registries, search
from images.models import Registry
from images.references import HUB, BadReference, Reference, parse
from images.registries import Anonymous
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import shaped

MOST_TAGS = 100


@needs("image.search")
def image_search(request: Request, host: str) -> HttpResponse:
    """``?q=`` is the term, ``?in=`` the registry's address (Docker Hub where none is given); a
    catalogue is shown without a term, too, page by page (``?page=``)."""
    engine = fetch.host(request, host)
    address, term = place_and_term(request)
    registry = where(request, address)
    context = {"host": host, "registry": registry, "term": term, "places": places(request)}
    page = int(typed) if (typed := request.GET.get("page", "")).isdecimal() else 1
    if term or registry.address != HUB:
        context |= asked(
            lambda: {"found": search.repositories(engine, registry, term, max(page, 1))}
        )
    return shaped(request, "images/search.html", "images/_hits.html", context)


@needs("image.search")
def repository_tags(request: Request, host: str) -> HttpResponse:
    """``?repository=`` of the registry ``?in=``; ``?q=`` filters the tags."""
    fetch.host(request, host)
    registry = where(request, request.GET.get("in", HUB))
    repository = whole_name(registry, request.GET.get("repository", ""))
    name = Reference(registry.address, repository).familiar_name
    context = {"host": host, "registry": registry, "repository": repository, "name": name}
    context |= asked(lambda: chosen_tags(registry, repository, request.GET.get("q", "").strip()))
    return shaped(request, "images/tags.html", "images/_tags.html", context)


def whole_name(registry: Registry | Anonymous, typed: str) -> str:
    """Docker Hub's official images live below ``library/``."""
    repository = typed.strip().lower()
    official = registry.address == HUB and "/" not in repository
    return f"library/{repository}" if official else repository


def chosen_tags(registry: Registry | Anonymous, repository: str, wanted: str) -> dict[str, Any]:
    names, partial = search.tags(registry, repository)
    matching = [name for name in names if wanted in name]
    return {
        "tags": matching[:MOST_TAGS],
        "count": len(names),
        "more": partial or len(matching) > MOST_TAGS,
        "wanted": wanted,
    }


@needs("image.search")
def tag_facts(request: Request, host: str) -> HttpResponse:
    """Size, platforms and age of one tag: a fragment that a row fetches when it is seen, and a
    page of its own."""
    engine = fetch.host(request, host)
    registry = where(request, request.GET.get("in", HUB))
    repository, tag = request.GET.get("repository", ""), request.GET.get("tag", "")
    name = Reference(registry.address, repository).familiar_name
    context = {"host": host, "registry": registry, "repository": repository, "name": name}
    context |= {"tag": tag} | asked(lambda: {"facts": facts_of(engine, registry, repository, tag)})
    return shaped(request, "images/tag.html", "images/_tag_facts.html", context)


def facts_of(
    engine: Engine, registry: Registry | Anonymous, repository: str, tag: str
) -> manifests.TagFacts:
    """Of several platforms the engine's own gives the size. Raises BadReference, EngineErrors."""
    known = engine.mirror.snapshot.facts
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(
        known.architecture if known else "", ""
    )
    reference = parse(f"{registry.address}/{repository}:{tag}")
    return manifests.facts(registries.client_of(registry), reference, architecture)


def place_and_term(request: Request) -> tuple[str, str]:
    """What is searched for and where: ``registry.example.org/app`` names its registry itself."""
    term, chosen = request.GET.get("q", "").strip(), request.GET.get("in", HUB)
    first, slash, rest = term.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        return first.lower(), rest
    return chosen, term


def where(request: Request, address: str) -> Registry | Anonymous:
    """The registry that is asked: one that this person may use, or Docker Hub without a login;
    nothing else is called."""
    registry = registries.find(address)
    if registry is not None and not may(request.actor, "registry.use", registry.target):
        registry = None
    if registry is None and address != HUB:
        raise BadInput(_("%(address)s is not one of the registries here.") % {"address": address})
    return registry or Anonymous()


def places(request: Request) -> list[tuple[str, str]]:
    """(address, name) of every registry that can be searched, Docker Hub first."""
    known = {registry.address: str(registry) for registry in registries.usable(request.actor)}
    return [(HUB, known.pop(HUB, "Docker Hub")), *known.items()]


def asked(ask: Any) -> dict[str, Any]:
    """The answer, or the problem as a part of the page: the search box stays usable."""
    try:
        answer: dict[str, Any] = ask()
    except (EngineError, BadReference) as error:
        return {"problem": error.message}
    return answer
