"""Tag an image, take a name away, remove it."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.targets import ImageTarget
from engine.snapshot import Snapshot
from engine.types import ImageRow
from images import actions, removing
from images.forms import RemoveForm, TagForm
from images.page import page_context
from images.removing import Blockers
from web import fetch
from web.addresses import way_back
from web.request import Request
from web.routes import needs
from web.shape import done, is_fragment, shaped, tell

CHANGED = "images-changed"
SECONDS = 70


@needs("image.tag", "POST")
def image_tag(request: Request, host: str, image_id: str) -> HttpResponse:
    target = fetch.image(request, host, image_id)
    form = TagForm(request.POST, lambda name: other_owner(request, target, name))
    if not form.is_valid():
        context = page_context(request, target, "image-detail") | {"form": form}
        return shaped(request, "images/overview.html", "images/_tag_form.html", context, 422)
    reference = form.cleaned_data["reference"]
    actions.tag(request.actor, target, reference)
    message = _("It is called %(name)s now, too.") % {"name": reference.familiar}
    return done(request, CHANGED, message, detail_url(target), host=host, ids=[target.id])


def other_owner(request: Request, target: ImageTarget, name: str) -> ImageRow | None:
    row = fetch.sight(request, target.host).find_image(name)
    return row if row and row.id != target.id and name in row.tags else None


@needs("image.remove", "GET", "HEAD", "POST")
def image_remove(request: Request, host: str, image_id: str) -> HttpResponse:
    """``ref`` takes one tag or digest away; without it the image goes with all its names."""
    target = fetch.image(request, host, image_id)
    reference = (request.POST or request.GET).get("ref", "")
    check_reference(target, reference)
    if request.method != "POST":
        return ask(request, target, reference)
    gone = removing.remove(request.actor, target, reference, "force" in request.POST)
    return removed(request, target, reference, gone)


def check_reference(target: ImageTarget, reference: str) -> None:
    row = row_of(target)
    if reference and reference not in (*row.tags, *row.digests):
        raise Hidden(_("This image is not called %(name)s.") % {"name": reference})


def removed(request: Request, target: ImageTarget, reference: str, gone: bool) -> HttpResponse:
    """On to the list from the image's own pages, where it is no more."""
    base, back = detail_url(target), reverse("image-list", args=[target.host])
    message = _("%(name)s was removed.") % {"name": reference or target.name}
    if not gone:
        return done(request, CHANGED, message, base, host=target.host, ids=[target.id])
    if is_fragment(request) and base in request.headers.get("HX-Current-URL", ""):
        tell(request, message)
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return done(request, CHANGED, message, back, host=target.host, ids=[target.id])


def ask(request: Request, target: ImageTarget, reference: str) -> HttpResponse:
    row = row_of(target)
    context = {
        "action": request.path,
        "back": way_back(request, detail_url(target)),
        "hidden": [("ref", reference)] if reference else [],
        "about": f"i-{target.id}",
        "patience": SECONDS * 1000,
    }
    if removing.only_a_name(row, reference):
        title = _("Take the tag %(name)s away?") % {"name": reference}
        context |= {"title": title, "verb": _("Take away"), "text": stays(row, reference)}
    else:
        context |= whole(target, reference, fetch.sight(request, target.host))
    return shaped(request, "confirm.html", "_confirm.html", context)


def stays(row: ImageRow, reference: str) -> str:
    others = ", ".join(name for name in removing.names(row) if name != reference)
    return _("The image stays as %(names)s.") % {"names": others}


def whole(target: ImageTarget, reference: str, snapshot: Snapshot) -> dict[str, Any]:
    """What the dialog says where the image itself would go."""
    row = row_of(target)
    blocking = removing.blockers(row, snapshot)
    parts = {
        "title": _("Remove %(name)s?") % {"name": reference or target.name},
        "text": "" if row.tags else _("It has no tag."),
        "objects": listed(row, blocking),
        "verb": _("Remove"),
        "form": RemoveForm(),
    }
    if not blocking.running:
        return parts
    if reference:
        help_text = _("Take the name away; the image stays without one while containers run.")
        return parts | {"form": RemoveForm(help_text)}
    text = _("Running containers are made from it: remove them first. Force does not help here.")
    return parts | {"verb": "", "form": None, "warning": text}


def listed(row: ImageRow, blocking: Blockers) -> list[dict[str, Any]]:
    running, stopped = _("container, running: it blocks"), _("container, stopped: needs force")
    return [
        *({"name": name, "detail": _("name, goes")} for name in removing.names(row)),
        *({"name": user.name, "detail": running} for user in blocking.running),
        *({"name": user.name, "detail": stopped} for user in blocking.stopped),
    ]


def row_of(target: ImageTarget) -> ImageRow:
    assert target.row is not None
    return target.row


def detail_url(target: ImageTarget) -> str:
    return reverse("image-detail", args=[target.host, target.id])
