"""What every page of one image shows above its body, from the mirror alone."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.targets import ImageTarget, Target
from engine.types import ImageRow
from images import newer, registries, saving
from images.listing import name_of, reference_of
from images.references import BadReference, parse
from web import fetch
from web.request import Request
from web.tabs import tabs

VERBS = ("tag", "remove", "push", "save", "files_read", "search", "pull")


def page_context(request: Request, target: ImageTarget, current: str) -> dict[str, Any]:
    """The context of ``images/detail.html``; ``current`` is the url name of the open tab."""
    row = target.row
    assert row is not None
    snapshot = fetch.sight(request, target.host)
    base = reverse("image-detail", args=[target.host, target.id])
    verbs = {verb for verb in VERBS if may(request.actor, f"image.{verb}", target)}
    parts = [
        ("image-detail", base, _("Overview")),
        *([("image-files", f"{base}files/", _("Files"))] if "files_read" in verbs else []),
        ("image-inspect", f"{base}inspect/", _("Inspect")),
    ]
    return {
        "host": target.host,
        "row": row,
        "name": name_of(row) or row.short_id,
        "reference": reference_of(row),
        "base": base,
        "snapshot": snapshot,
        "users": snapshot.containers_of_image(row.id),
        "verbs": verbs,
        "save_line": saving.command_line([target]),
        "tabs": tabs(parts, current),
        **asked_of(request, target.host, row),
    }


def asked_of(request: Request, host: str, row: ImageRow) -> dict[str, Any]:
    """Its tags, how they stand in their registries, and whether one has something newer there."""
    standings = newer.standings(row, newer.answers_for(request.actor, host))
    return {
        "standings": standings,
        "newer": any(each.newer is newer.Newer.YES for each in standings),
        "tags": partial(tags_and_places, request, host, row, standings),
    }


def tags_and_places(
    request: Request, host: str, row: ImageRow, standings: Iterable[newer.Standing]
) -> list[tuple[str, str, newer.Standing | None]]:
    """Each name; the page of its repository in a registry that the person may use, "" for none;
    and how it stands there. A name without a registry is Docker Hub's only where the image is
    known to be there."""
    searches = may(request.actor, "image.search", Target("host", host, host, host))
    usable = {each.address for each in registries.usable(request.actor)} if searches else set()
    there = {digest.partition("@")[0] for digest in row.digests}
    asked = {each.reference: each for each in standings}
    return [(tag, place_of(host, tag, usable, there), asked.get(tag)) for tag in row.tags]


def place_of(host: str, tag: str, usable: set[str], there: set[str]) -> str:
    try:
        reference = parse(tag)
    except BadReference:  # a name that only an older engine took
        return ""
    said = reference.familiar_name == reference.name or reference.familiar_name in there
    if reference.registry not in usable or not said:
        return ""
    query = urlencode({"in": reference.registry, "repository": reference.repository})
    return f"{reverse('repository-tags', args=[host])}?{query}"
