"""Remove a volume, and say whose it is."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.targets import VolumeTarget
from volumes import actions
from volumes.views.page import detail_url
from web import fetch
from web.addresses import way_back
from web.errors import BadInput
from web.plan_forms import HoldersForm
from web.request import Request
from web.routes import needs
from web.shape import done, is_fragment, shaped, tell
from web.sizes import size_text

CHANGED = "volumes-changed"
PATIENCE = 70_000  # ms: a large one takes the engine long


@needs("volume.remove", "GET", "HEAD", "POST")
def volume_remove(request: Request, host: str, volume_id: str) -> HttpResponse:
    """What is in it is gone for good: its name is typed before."""
    target = fetch.volume(request, host, volume_id)
    if request.method != "POST":
        return ask_removal(request, target)
    if request.POST.get("typed_name", "") != target.name:
        words = _("Type the name of the volume, %(name)s, to confirm.")
        return ask_removal(request, target, words % {"name": target.name})
    actions.remove(request.actor, target)
    base, back = detail_url(target), reverse("volume-list", args=[host])
    text = _("%(name)s was removed.") % {"name": target.name}
    if is_fragment(request) and base in request.headers.get("HX-Current-URL", ""):
        tell(request, text)
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return done(request, CHANGED, text, back, host=host, ids=[target.id])


def ask_removal(request: Request, target: VolumeTarget, error: str = "") -> HttpResponse:
    back = way_back(request, detail_url(target))
    context: dict[str, Any] = {
        "title": _("Remove %(name)s?") % {"name": target.name},
        "error": error,
        "action": request.path,
        "back": back,
        "hidden": [("next", back)],
        "patience": PATIENCE,
        **what_goes(request, target),
    }
    status = 422 if error else 200
    return shaped(request, "confirm.html", "_confirm.html", context, status)


def what_goes(request: Request, target: VolumeTarget) -> dict[str, Any]:
    """The containers that have it are named: they stand in the way, stopped ones too."""
    users = fetch.sight(request, target.host).containers_of_volume(target.name)
    measured = fetch.known(target.host).usage.last
    size = measured.volume_sizes.get(target.name) if measured else None
    detail = _("volume, goes") + (f" ({size_text(size)})" if size else "")
    blocking = [{"name": user.name, "detail": f"{user.status}: {_('it blocks')}"} for user in users]
    objects = [{"name": target.name, "detail": detail}, *blocking]
    if users:
        words = _("Containers have it: remove them first. Force does not help here.")
        return {"objects": objects, "warning": words, "verb": ""}
    words = _("All files in it are gone then, for good.")
    return {"objects": objects, "text": words, "verb": _("Remove"), "type_name": target.name}


@needs("grant.manage", "POST")
def volume_give(request: Request, host: str, volume_id: str) -> HttpResponse:
    target = fetch.volume(request, host, volume_id)
    form = HoldersForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Teams: choose among those that there are."))
    actions.give(request.actor, target, **form.cleaned_data)
    text = _("Saved: whose %(name)s is.") % {"name": target.name}
    return done(request, CHANGED, text, detail_url(target), host=host, ids=[target.id])
