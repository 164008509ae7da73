"""Remove many images: asked once, done in parallel, answered for each."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.errors import Hidden
from access.targets import ImageTarget
from engine.snapshot import Snapshot
from images import removing
from images.forms import RemoveForm
from images.views.verbs import CHANGED, SECONDS, row_of
from web import fetch, many
from web.addresses import way_back
from web.errors import BadInput
from web.many import Outcome
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("image.remove", "POST")
def image_bulk_remove(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    ids = list(dict.fromkeys(request.POST.getlist("id")))
    if not 0 < len(ids) <= many.MOST:
        raise BadInput(_("Tick between 1 and %(most)d images.") % {"most": many.MOST})
    targets, missing = picked(request, host, ids)
    back = way_back(request, reverse("image-list", args=[host]))
    if "confirmed" not in request.POST:
        return ask(request, targets, back)
    force = "force" in request.POST

    def act(target: ImageTarget) -> None:
        removing.remove(request.actor, target, force=force)

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
    return sorted(targets, key=lambda target: target.name), missing


def ask(request: Request, targets: list[ImageTarget], back: str) -> HttpResponse:
    snapshot = fetch.sight(request, targets[0].host)
    count = len(targets)
    context = {
        "title": ngettext("Remove %(count)d image?", "Remove %(count)d images?", count)
        % {"count": count},
        "objects": [
            {"name": target.name, "detail": what_goes(target, snapshot)} for target in targets
        ],
        "action": request.path,
        "verb": _("Remove"),
        "form": RemoveForm(),
        "back": back,
        "hidden": [("confirmed", "1"), ("next", back), *(("id", t.id) for t in targets)],
        "patience": SECONDS * 1000,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def what_goes(target: ImageTarget, snapshot: Snapshot) -> str:
    """Its other names, and the containers in the way."""
    row = row_of(target)
    blocking = removing.blockers(row, snapshot)
    users = ", ".join(user.name for user in (*blocking.running, *blocking.stopped))
    names = ", ".join(name for name in removing.names(row) if name != target.name)
    parts = [row.short_id]
    if names:
        parts.append(_("also %(names)s") % {"names": names})
    if users:
        parts.append(_("used by %(names)s") % {"names": users})
    return " · ".join(parts)
