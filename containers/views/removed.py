"""What was removed within the week: made again, or forgotten now."""

from itertools import islice

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.errors import Hidden
from access.gate import may
from access.targets import Target
from containers import forgetting, removals
from containers.removals import Removed
from web import fetch
from web.lists import number
from web.request import Request
from web.routes import allow, needs
from web.shape import done, shaped

CHANGED = "removed-changed"
PAGE = 50  # rows; what is kept of the others stays sealed


@needs(removals.RIGHT)
def container_removed(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    page = number(request, "page", 1)
    first = (page - 1) * PAGE
    found = list(islice(removals.of_host(request.actor, host), first, first + PAGE + 1))
    context = {
        "host": host,
        "rows": [told(each) for each in found[:PAGE]],
        "before": f"?page={page - 1}" if page > 1 else "",
        "next": f"?page={page + 1}" if len(found) > PAGE else "",
        "may_forget": may(request.actor, forgetting.RIGHT, Target("host", host, host, host)),
    }
    return shaped(request, "containers/removed.html", "containers/_removed_refresh.html", context)


def told(removed: Removed) -> dict[str, object]:
    return {
        "id": removed.target.id,
        "name": removed.target.name,
        "image": removed.row.image,
        "project": removed.project,
        "removed": removed.row.removed,
        "again": removals.address(removed.target.host, removed.target.id),
    }


@needs(forgetting.RIGHT, "GET", "HEAD", "POST")
def removed_forget(request: Request, host: str, removed_id: str) -> HttpResponse:
    removed = fetched(request, host, removed_id)
    name = removed.target.name
    if request.method != "POST":
        text = _("It cannot be created again afterwards.")
        return ask(request, host, title=_("Forget %(name)s now?") % {"name": name}, text=text)
    forgetting.forget(request.actor, removed)
    text = _("The settings of %(name)s are forgotten.") % {"name": name}
    return done(request, CHANGED, text, listed(host), host=host, ids=[removed.target.id])


@needs(forgetting.RIGHT, "GET", "HEAD", "POST")
def removed_forget_all(request: Request, host: str) -> HttpResponse:
    """``newest`` is the row up to which they were named in the question."""
    fetch.host(request, host)
    newest = request.POST.get("newest", "")
    if not newest.isdecimal():
        return ask_of_all(request, host)
    count = forgetting.forget_all(request.actor, host, int(newest))
    words = ngettext(
        "The settings of %(n)d removed container are forgotten.",
        "The settings of %(n)d removed containers are forgotten.",
        count,
    )
    return done(request, CHANGED, words % {"n": count}, listed(host), host=host, ids=[])


def ask_of_all(request: Request, host: str) -> HttpResponse:
    """Names each."""
    going = list(removals.of_host(request.actor, host, forgetting.RIGHT))
    if not going:
        return ask(request, host, title=_("Nothing that was removed here is kept."), verb="")
    words = ngettext(
        "Forget %(n)d removed container now?", "Forget %(n)d removed containers now?", len(going)
    )
    return ask(
        request,
        host,
        title=words % {"n": len(going)},
        text=_("They cannot be created again afterwards."),
        objects=[{"name": each.target.name, "detail": each.row.image} for each in going],
        hidden=[("newest", max(each.key for each in going))],
    )


def ask(request: Request, host: str, **more: object) -> HttpResponse:
    context = {"action": request.path, "back": listed(host), "verb": _("Forget now"), **more}
    return shaped(request, "confirm.html", "_confirm.html", context)


def listed(host: str) -> str:
    return reverse("container-removed", args=[host])


def fetched(request: Request, host: str, removed_id: str) -> Removed:
    """The one that had this id, with the view's own right. Raises Hidden or Denied."""
    fetch.known(host)
    removed = removals.at_hand(host, removed_id)
    allow(request, removed.target if removed else Target("container", removed_id, "", host))
    if removed is None:
        words = _("Nothing is kept of a container %(name)s on %(host)s.")
        raise Hidden(words % {"name": removed_id[:12], "host": host})
    return removed
