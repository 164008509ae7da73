"""One verb on many containers: asked once, done in parallel, answered for each."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.errors import Hidden
from access.targets import ContainerTarget
from containers import actions
from containers.verb_forms import BulkForm, BulkKillForm, BulkRemoveForm, BulkTimeoutForm
from containers.views.verbs import CHANGED, PATIENCE
from web import fetch, many
from web.addresses import way_back
from web.errors import BadInput
from web.many import MOST, Outcome
from web.request import Request
from web.routes import needs
from web.shape import shaped


@dataclass(frozen=True, slots=True)
class BulkVerb:
    name: str
    word: Promise
    act: Callable[..., None]
    form: type[BulkForm]


VERBS = (
    BulkVerb("start", gettext_lazy("Start"), actions.start, BulkForm),
    BulkVerb("stop", gettext_lazy("Stop"), actions.stop, BulkTimeoutForm),
    BulkVerb("restart", gettext_lazy("Restart"), actions.restart, BulkTimeoutForm),
    BulkVerb("kill", gettext_lazy("Kill"), actions.kill, BulkKillForm),
    BulkVerb("remove", gettext_lazy("Delete"), actions.remove, BulkRemoveForm),
)


def bulk_view(verb: BulkVerb) -> Callable[..., HttpResponseBase]:
    @needs(f"container.{verb.name}", "POST")
    def view(request: Request, host: str) -> HttpResponse:
        targets, missing = picked(request, host)
        form = verb.form(request.POST if asked_before(request, verb) else None)
        if not form.is_valid():
            return ask(request, host, verb, targets, form)
        options = form.options()
        outcomes = many.each(
            targets,
            lambda target: verb.act(request.actor, target, **options),
            seconds=options.get("timeout", 0) + 70,
        )
        back = way_back(request, reverse("container-list", args=[host]))
        ids = [target.id for target in targets]
        return many.answer(
            request, CHANGED, verb.word, missing + outcomes, back, host=host, ids=ids
        )

    return view


def asked_before(request: Request, verb: BulkVerb) -> bool:
    """A start needs no question; all else is done at the second POST, from the confirmation."""
    return verb.name == "start" or "confirmed" in request.POST


def picked(request: Request, host: str) -> tuple[list[ContainerTarget], list[Outcome]]:
    """The ticked containers, or those of a compose project; what is not there any more is told."""
    rows = fetch.snapshot(request, host).containers.values()
    ids = request.POST.getlist("id")
    if project := request.POST.get("project", ""):
        ids = [row.id for row in rows if row.project == project]
    if not 0 < len(ids) <= MOST:
        raise BadInput(_("Tick between 1 and %(most)d containers.") % {"most": MOST})
    targets, missing = [], []
    for id in dict.fromkeys(ids):
        try:
            targets.append(fetch.container(request, host, id))
        except Hidden:
            missing.append(Outcome(id[:12], _("It is not there any more.")))
    if not targets:
        raise Hidden(_("None of these containers is there any more."))
    return sorted(targets, key=lambda target: target.name), missing


def ask(
    request: Request, host: str, verb: BulkVerb, targets: list[ContainerTarget], form: forms.Form
) -> HttpResponse:
    back = way_back(request, reverse("container-list", args=[host]))
    rows = [target.row for target in targets if target.row is not None]
    context = {
        "title": _("%(verb)s: %(count)d containers") % {"verb": verb.word, "count": len(targets)},
        "objects": [{"name": row.name, "detail": row.status} for row in rows],
        "warning": warning(verb, sum(row.running for row in rows)),
        "action": request.path,
        "verb": verb.word,
        "form": form,
        "back": back,
        "hidden": [
            ("confirmed", "1"),
            ("next", back),
            *(("id", target.id) for target in targets),
        ],
        "patience": PATIENCE,
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def warning(verb: BulkVerb, running: int) -> str:
    if verb.name != "remove" or not running:
        return ""
    return _("%(count)d of them are running.") % {"count": running}


start, stop, restart, kill, remove = map(bulk_view, VERBS)
