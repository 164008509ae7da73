"""One verb on many containers: asked once, done in parallel, answered for each.

Services of a compose project in the order in which they depend on each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.errors import Denied, Hidden
from access.gate import may
from access.targets import ContainerTarget, Target
from containers import actions, removals
from containers.verb_forms import BulkForm, BulkKillForm, BulkRemoveForm, BulkTimeoutForm
from containers.views.heads import PENDING
from containers.views.verbs import CHANGED, PATIENCE
from containers.waves import waves
from engine.types import ContainerRow
from web import fetch, many
from web.addresses import way_back
from web.errors import BadInput
from web.many import MOST, Outcome
from web.request import Request
from web.routes import needs
from web.shape import Step, shaped
from web.states import state_words


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
    BulkVerb("remove", gettext_lazy("Remove"), actions.remove, BulkRemoveForm),
)
ENDING = ("stop", "kill", "remove")
MOST_UNDONE = 20  # their ids go back and forth in a header


def bulk_view(verb: BulkVerb) -> Callable[..., HttpResponseBase]:
    @needs(f"container.{verb.name}", "POST")
    def view(request: Request, host: str) -> HttpResponse:
        targets, missing = picked(request, host, verb.name)
        form = verb.form(request.POST if asked_before(request, verb) else None)
        if not form.is_valid():
            return ask(request, host, verb, targets, form)
        options = form.options()
        outcomes = missing + each_in_turn(request, verb, targets, options)
        back = way_back(request, reverse("container-list", args=[host]))
        ids = [target.id for target in targets]
        step = next_step(request, host, verb.name, targets)
        return many.answer(request, CHANGED, verb.word, outcomes, back, step, host=host, ids=ids)

    return view


def next_step(
    request: Request, host: str, verb: str, targets: list[ContainerTarget]
) -> Step | None:
    """What was removed is made again from a page; a stop of few is undone, for who may."""
    if verb == "remove" and may(request.actor, removals.RIGHT, Target("host", host, host, host)):
        return Step(reverse("container-removed", args=[host]), _("Create again…"))
    still = [target for target in targets if target.row and not target.row.auto_remove]
    few = verb == "stop" and 0 < len(still) <= MOST_UNDONE
    if not few or not all(may(request.actor, "container.start", target) for target in still):
        return None
    ids = [("id", target.id) for target in still]
    return Step(reverse("container-bulk-start", args=[host]), _("Undo"), ids)


def each_in_turn(
    request: Request, verb: BulkVerb, targets: list[ContainerTarget], options: dict[str, Any]
) -> list[Outcome]:
    """Those that others depend on start first and end last; what fails holds nobody up."""
    of = {target.id: target for target in targets}
    rows = [target.row for target in targets if target.row is not None]
    outcomes: list[Outcome] = []
    for wave in waves(rows, backwards=verb.name in ENDING):
        outcomes += many.each(
            [of[row.id] for row in wave],
            lambda target: verb.act(request.actor, target, **options),
            seconds=options.get("timeout", 0) + 70,
        )
    return outcomes


def asked_before(request: Request, verb: BulkVerb) -> bool:
    """A start needs no question; all else is done at the second POST, from the confirmation."""
    return verb.name == "start" or "confirmed" in request.POST


def picked(request: Request, host: str, verb: str) -> tuple[list[ContainerTarget], list[Outcome]]:
    """The ticked containers, or those of a compose project; what is not there any more is told."""
    rows = fetch.snapshot(request, host).containers.values()
    ids = request.POST.getlist("id")
    if project := request.POST.get("project", ""):
        ids = of_project(request, host, verb, [row for row in rows if row.project == project])
    return found(request, host, ids)


def found(
    request: Request, host: str, ids: list[str]
) -> tuple[list[ContainerTarget], list[Outcome]]:
    """By name, and those that went meanwhile. Raises BadInput where there are too many, Hidden
    where all went."""
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


def of_project(request: Request, host: str, verb: str, rows: list[ContainerRow]) -> list[str]:
    """Those that the person may do it to, and that it does something to. Raises Denied where
    they may do it to none, BadInput where nothing is to be done."""
    right = f"container.{verb}"
    own = [row for row in rows if may(request.actor, right, ContainerTarget.of(host, row))]
    if rows and not own:
        raise Denied(_("None of your grants allows this for a container of this project."))
    idle = {"start": True, "stop": False, "kill": False}.get(verb)
    found = [row.id for row in own if idle is None or row.running is not idle]
    if own and not found:
        words = _("All of them run already.") if idle else _("None of them is running.")
        raise BadInput(words, 409)
    return found


def ask(
    request: Request, host: str, verb: BulkVerb, targets: list[ContainerTarget], form: forms.Form
) -> HttpResponse:
    back = way_back(request, reverse("container-list", args=[host]))
    rows = [target.row for target in targets if target.row is not None]
    context = {
        "title": title(verb, request.POST.get("project", ""), len(targets)),
        "objects": [{"name": row.name, "detail": state_words(row)} for row in rows],
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
        "pending": PENDING.get(verb.name, ""),
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


def title(verb: BulkVerb, project: str, count: int) -> str:
    words = {"verb": verb.word, "project": project, "count": count}
    if project:
        return _("%(verb)s %(project)s: %(count)d containers") % words
    return _("%(verb)s: %(count)d containers") % words


def warning(verb: BulkVerb, running: int) -> str:
    if verb.name != "remove" or not running:
        return ""
    return _("%(count)d of them are running.") % {"count": running}


start, stop, restart, kill, remove = map(bulk_view, VERBS)
