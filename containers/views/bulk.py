"""One verb on many containers: asked once, done in parallel, answered for each."""

import asyncio
import json
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
from access.targets import ContainerTarget
from containers import actions
from containers.verb_forms import BulkForm, BulkKillForm, BulkRemoveForm, BulkTimeoutForm
from containers.views.verbs import CHANGED, PATIENCE
from engine.errors import EngineError
from engine.threads import door
from web import fetch
from web.addresses import way_back
from web.errors import BadInput, sentence
from web.request import Request
from web.routes import needs
from web.shape import done, is_fragment, shaped

AT_ONCE = 6  # of the engine's eight calls at a time: somebody else wants one too
MOST = 500


@dataclass(frozen=True, slots=True)
class BulkVerb:
    name: str
    word: Promise
    act: Callable[..., None]
    form: type[BulkForm]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one container; ``error`` is a sentence, "" where all went well."""

    name: str
    error: str = ""


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
        outcomes = missing + each(request, verb, targets, form.options())
        return answer(request, host, verb, targets, outcomes)

    return view


def asked_before(request: Request, verb: BulkVerb) -> bool:
    """A start needs no question; all else is done at the second POST, from the confirmation."""
    return verb.name == "start" or "confirmed" in request.POST


def picked(request: Request, host: str) -> tuple[list[ContainerTarget], list[Outcome]]:
    """The ticked containers, or those of a compose project; what is not there any more is told."""
    rows = fetch.host(request, host).mirror.snapshot.containers.values()
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


def each(
    request: Request, verb: BulkVerb, targets: list[ContainerTarget], options: dict[str, Any]
) -> list[Outcome]:
    def one(target: ContainerTarget) -> Outcome:
        try:
            verb.act(request.actor, target, **options)
        except (EngineError, Denied) as error:
            return Outcome(target.name, sentence(error))
        return Outcome(target.name)

    async def all_of_them() -> list[Outcome]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def in_turn(target: ContainerTarget) -> Outcome:
            async with slots:
                return await door.run(one, target)

        return await asyncio.gather(*map(in_turn, targets))

    turns = len(targets) // AT_ONCE + 1
    return door.call(all_of_them(), timeout=turns * (options.get("timeout", 0) + 70))


def answer(
    request: Request,
    host: str,
    verb: BulkVerb,
    targets: list[ContainerTarget],
    outcomes: list[Outcome],
) -> HttpResponse:
    """The result of each; where all went well, a toast is enough."""
    failed = [outcome for outcome in outcomes if outcome.error]
    back = way_back(request, reverse("container-list", args=[host]))
    good = len(outcomes) - len(failed)
    context = {"outcomes": outcomes, "failed": failed, "good": good, "back": back, "verb": verb}
    detail: dict[str, Any] = {"host": host, "ids": [target.id for target in targets]}
    if is_fragment(request) and not failed:
        names = ", ".join(outcome.name for outcome in outcomes[:5]) + "…" * (good > 5)
        message = _("%(verb)s: %(count)d done (%(names)s).") % {
            "verb": verb.word,
            "count": good,
            "names": names,
        }
        return done(request, CHANGED, message, back, **detail)
    response = shaped(request, "containers/results.html", "containers/_results.html", context)
    response["HX-Trigger"] = json.dumps({CHANGED: detail})
    return response


start, stop, restart, kill, remove = map(bulk_view, VERBS)
