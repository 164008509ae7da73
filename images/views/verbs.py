"""Tag an image, take a tag away, remove it; one by one or many at once."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.targets import ImageTarget
from images import actions, removing
from images.forms import RemoveForm, TagForm
from images.views.page import page_context
from web import fetch, many
from web.addresses import way_back
from web.errors import BadInput
from web.many import Outcome
from web.request import Request
from web.routes import needs
from web.shape import done, shaped

CHANGED = "images-changed"
SECONDS = 70


@needs("image.tag", "POST")
def image_tag(request: Request, host: str, image_id: str) -> HttpResponse:
    target = fetch.image(request, host, image_id)
    form = TagForm(request.POST)
    if not form.is_valid():
        context = page_context(request, target, "image-detail") | {"form": form}
        return shaped(request, "images/overview.html", "images/_tag_form.html", context, 422)
    reference = form.cleaned_data["reference"]
    actions.tag(request.actor, target, reference)
    message = _("It is called %(name)s now, too.") % {"name": reference.familiar}
    line = f"docker tag {target.id[:12]} {reference.familiar}"
    return done(request, CHANGED, message, detail_url(target), line, host=host, ids=[target.id])


@needs("image.remove", "GET", "HEAD", "POST")
def image_remove(request: Request, host: str, image_id: str) -> HttpResponse:
    """``ref`` takes one tag or digest away; without it the image goes with all its names."""
    target = fetch.image(request, host, image_id)
    reference = (request.POST or request.GET).get("ref", "")
    check_reference(target, reference)
    if request.method != "POST":
        return ask(request, target, reference)
    gone = removing.remove(request.actor, target, reference, "force" in request.POST)
    back = reverse("image-list", args=[host]) if gone else detail_url(target)
    message = _("%(name)s was removed.") % {"name": reference or target.name}
    if gone and not request.htmx:
        return done(request, CHANGED, message, back)
    response = done(request, CHANGED, message, back, host=host, ids=[target.id])
    if gone and from_its_own_page(request, target):
        response["HX-Redirect"] = back
    return response


def check_reference(target: ImageTarget, reference: str) -> None:
    assert target.row is not None
    if reference and reference not in (*target.row.tags, *target.row.digests):
        raise Hidden(_("This image is not called %(name)s.") % {"name": reference})


def from_its_own_page(request: Request, target: ImageTarget) -> bool:
    return detail_url(target) in request.headers.get("HX-Current-URL", "")


def ask(request: Request, target: ImageTarget, reference: str) -> HttpResponse:
    row = target.row
    assert row is not None
    only_a_name = bool(reference) and len(row.tags) > 1
    blocking = removing.blockers(row, fetch.known(target.host).mirror.snapshot)
    title = _("Take the tag %(name)s away?") if only_a_name else _("Remove %(name)s?")
    context = {
        "title": title % {"name": reference or target.name},
        "objects": [] if only_a_name else listed(target, blocking),
        "warning": "" if only_a_name else warning(blocking),
        "action": request.path,
        "verb": _("Take away") if only_a_name else _("Remove"),
        "form": None if only_a_name else RemoveForm(),
        "back": way_back(request, detail_url(target)),
        "hidden": [("ref", reference)] if reference else [],
        "about": f"i-{target.id}",
        "patience": SECONDS * 1000,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def listed(target: ImageTarget, blocking: removing.Blockers) -> list[dict[str, Any]]:
    assert target.row is not None
    running, stopped = _("container, running: it blocks"), _("container, stopped: needs force")
    return [
        *({"name": tag, "detail": _("tag, goes")} for tag in target.row.tags),
        *({"name": user.name, "detail": running} for user in blocking.running),
        *({"name": user.name, "detail": stopped} for user in blocking.stopped),
    ]


def warning(blocking: removing.Blockers) -> str:
    names = ", ".join(user.name for user in (*blocking.running, *blocking.stopped)[:5])
    if blocking.running:
        return _("Running containers use it: stop and remove them first (%(names)s).") % {
            "names": names
        }
    if blocking.stopped:
        return _(
            "Stopped containers are made from it (%(names)s). With force they stay without it."
        ) % {"names": names}
    return ""


@needs("image.remove", "POST")
def image_bulk_remove(request: Request, host: str) -> HttpResponse:
    """Asked once, then done for each; what blocks one is said of it."""
    fetch.host(request, host)
    ids = list(dict.fromkeys(request.POST.getlist("id")))
    if not 0 < len(ids) <= many.MOST:
        raise BadInput(_("Tick between 1 and %(most)d images.") % {"most": many.MOST})
    targets, missing = picked(request, host, ids)
    back = way_back(request, reverse("image-list", args=[host]))
    if "confirmed" not in request.POST:
        return ask_bulk(request, targets, back)
    force = "force" in request.POST
    act = lambda target: removing.remove(request.actor, target, "", force)  # noqa: E731
    outcomes = missing + many.each(targets, act, SECONDS)
    return many.answer(request, CHANGED, _("Remove"), outcomes, back, host=host, ids=ids)


def picked(request: Request, host: str, ids: list[str]) -> tuple[list[ImageTarget], list[Outcome]]:
    targets, missing = [], []
    for id in ids:
        try:
            targets.append(fetch.image(request, host, id))
        except Hidden:
            missing.append(Outcome(id[:12], _("It is not there any more.")))
    if not targets:
        raise Hidden(_("None of these images is there any more."))
    return targets, missing


def ask_bulk(request: Request, targets: list[ImageTarget], back: str) -> HttpResponse:
    hidden = [("confirmed", "1"), ("next", back), *(("id", target.id) for target in targets)]
    context = {
        "title": _("Remove %(count)d images?") % {"count": len(targets)},
        "objects": [{"name": target.name, "detail": target.id[:12]} for target in targets],
        "action": request.path,
        "verb": _("Remove"),
        "form": RemoveForm(),
        "back": back,
        "hidden": hidden,
        "patience": SECONDS * 1000,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def detail_url(target: ImageTarget) -> str:
    return reverse("image-detail", args=[target.host, target.id])
