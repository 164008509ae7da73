"""The run form: filled by hand, by a pasted line or from another container; previewed, sent."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.gate import authorize, may
from access.models import Team
from access.names import teams_to_own
from access.sight import holds, sees_all
from access.targets import ContainerTarget, RemovedTarget, Target
from containers import actions, originals, removals, running
from containers.duplicates import masks_left, shown, unmasked
from containers.run_fence import may_go_beyond
from containers.run_filled import initial_of, initial_of_line
from containers.run_form import SHOWN_AT, RunForm, label_of
from containers.run_refusals import field_of
from containers.views.run_panel import offered, preview
from engine.command_line import from_line
from engine.engine import Engine
from engine.errors import EngineError
from engine.specs import ContainerSpec
from engine.types import EngineState
from web import fetch
from web.errors import BadInput
from web.names import by_any_name
from web.request import Request
from web.routes import allow, needs
from web.shape import shaped, tell
from web.wording import worded

LONGEST_LINE = 100_000
NETWORK_MODES = ("bridge", "host", "none")


@needs("container.create", "GET", "HEAD", "POST")
def container_run(request: Request, host: str) -> HttpResponse:
    """GET: ``?image=`` or ``?from=`` (a container's id) fill the form. POST runs it."""
    engine = fetch.host(request, host)
    if request.method == "POST":
        return submitted(request, host, engine)
    notes: list[str] = []
    initial: dict[str, Any] | None = None
    if "from" in request.GET:
        initial, notes = copied(request, host, request.GET["from"])
    elif "image" in request.GET:
        initial = initial_of(ContainerSpec(request.GET["image"], detach=True))
    form = RunForm(networks=networks(request, engine), initial=initial)
    return page(request, host, engine, form, notes)


@needs("container.duplicate")
@by_any_name
def container_duplicate(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The same form filled from a container; what is sent is a run like any other."""
    target = fetch.container(request, host, container_id)
    engine = fetch.known(host)
    initial, notes = copied(request, host, target.id)
    form = RunForm(networks=networks(request, engine), initial=initial)
    return page(request, host, engine, form, notes)


@needs("container.create", "POST")
def container_run_line(request: Request, host: str) -> HttpResponse:
    """The form filled from a pasted ``line``."""
    engine = fetch.host(request, host)
    line = request.POST.get("line", "")
    if len(line) > LONGEST_LINE:
        raise BadInput(_("This text is too long for a command: paste only the docker run line."))
    parsed = from_line(line)
    notes = [worded(note) for note in parsed.notes]
    initial = initial_of_line(parsed)
    form = RunForm(networks=networks(request, engine), initial=initial)
    return page(request, host, engine, form, notes)


@needs("container.create", "POST")
def container_run_preview(request: Request, host: str) -> HttpResponse:
    """The panel beside the form: the equal line, and what can be told before it is sent."""
    engine = fetch.host(request, host)
    form = RunForm(request.POST)
    form.is_valid()
    return render(request, "containers/_run_preview.html", preview(request, form, engine))


@needs("container.create")
def container_run_image(request: Request, host: str) -> HttpResponse:
    """What the image of ``?image=`` offers; nothing where it is not here or the engine is not."""
    engine = fetch.host(request, host)
    context = {"offers": offered(request, engine, request.GET.get("image", ""))}
    return render(request, "containers/_run_image.html", context)


def submitted(request: Request, host: str, engine: Engine) -> HttpResponse:
    form = RunForm(request.POST, networks=networks(request, engine))
    if not form.is_valid():
        return page(request, host, engine, form, status=422)
    spec = with_secrets(request, host, form)
    if form.errors:
        return page(request, host, engine, form, status=422)
    team, reason = request.POST.get("team", ""), form.cleaned_data["beyond_fence"]
    try:
        remove_unstarted(request, host, form.cleaned_data["unstarted"])
        if running.wants_pull(fetch.sight(request, host), spec):
            job = actions.pull_and_run(request.actor, host, spec, team, reason)
            return redirect(f"{reverse('job-detail', args=[job.id])}?then=open")
        container_id = actions.run(request.actor, host, spec, team, reason)
        tell(request, _("%(name)s was created and started.") % {"name": spec.name or spec.image})
    except (Hidden, StepUpNeeded):
        raise
    except Denied as error:
        return forbidden(request, host, engine, form, error)
    except EngineError as error:
        return refused(request, host, engine, form, error)
    return redirect(running.opens(spec), host, container_id)


def forbidden(
    request: Request, host: str, engine: Engine, form: RunForm, error: Denied
) -> HttpResponse:
    """The form again: which field, and which rule, where the fence says so."""
    show_breaches(form, error)
    return page(request, host, engine, form, status=error.status)


def show_breaches(form: RunForm, error: Denied) -> None:
    for field, reason in error.breaches if isinstance(error, Fenced) else [("", error.message)]:
        if (at := SHOWN_AT.get(field, field)) in form.fields:
            form.add_error(at, reason)
        else:
            form.add_error(None, f"{label_of(form, field)}: {reason}" if field else reason)
    for sentence_of_remedy in error.remedies if isinstance(error, Fenced) else ():
        form.add_error(None, sentence_of_remedy)


def refused(
    request: Request, host: str, engine: Engine, form: RunForm, error: EngineError
) -> HttpResponse:
    """The form again, with the engine's own sentence beside the field that it is about."""
    form.add_error(field_of(error.message), error.message)
    left = error.container_id if isinstance(error, running.NotStarted) else ""
    row = fetch.sight(request, host).containers.get(left)
    return page(request, host, engine, form, status=error.status, left=row)


def remove_unstarted(request: Request, host: str, container_id: str) -> None:
    """What an earlier try left behind makes room, if it still never ran."""
    row = fetch.sight(request, host).containers.get(container_id)
    if row is not None and row.state == "created":
        actions.remove(request.actor, ContainerTarget.of(host, row), volumes=True)


def with_secrets(request: Request, host: str, form: RunForm) -> ContainerSpec:
    """The form's spec, masked values filled in from the container it was copied from."""
    spec = form.spec()
    if source := form.cleaned_data["source"]:
        spec = unmasked(spec, original(request, host, source)[1].spec)
    show_masks(form, spec)
    return spec


def show_masks(form: RunForm, spec: ContainerSpec) -> None:
    for field, words in masks_left(spec):
        at = SHOWN_AT.get(field, field)
        form.add_error(at if at in form.fields else "other", words)


def copied(request: Request, host: str, source: str) -> tuple[dict[str, Any], list[str]]:
    target, old = original(request, host, source)
    words = _("A copy of %(name)s. Hidden values are filled in when it is sent.")
    if isinstance(target, RemovedTarget):
        words = _(
            "As %(name)s was before it was removed. Hidden values are filled in when it is sent."
        )
    notes = [words % {"name": target.name}, *not_carried(old.unread)]
    spec = replace(shown(old.spec), name=free_name(request, host, target))
    return initial_of(spec) | {"source": target.id, "team": team_had(target)}, notes


def team_had(target: ContainerTarget) -> str:
    """The short name of the team that one which is gone belonged to."""
    known = Team.objects.filter(pk=target.team or 0) if isinstance(target, RemovedTarget) else ()
    return next((team.slug for team in known), "")


def not_carried(names: tuple[str, ...]) -> list[str]:
    return [_("%(field)s is not carried over.") % {"field": name} for name in names]


def free_name(request: Request, host: str, target: ContainerTarget) -> str:
    """``web-copy``, ``web-copy-2``, …: the first that nobody's container here has. One that is gone
    has left its own."""
    taken = {row.name for row in fetch.sight(request, host).containers.values()}
    own = [target.name] if isinstance(target, RemovedTarget) else []
    copies = (f"{target.name}-copy{number}" for number in ("", *(f"-{n}" for n in range(2, 100))))
    return next((each for each in (*own, *copies) if each not in taken), "")


def original(
    request: Request, host: str, container_id: str
) -> tuple[ContainerTarget, originals.Original]:
    """The container to copy, also one that was removed within the week; one must be allowed to
    duplicate it. Raises Denied or Hidden."""
    fetch.known(host)
    if removed := removals.find(host, container_id):
        allow(request, removed.target)
        authorize(request.actor, removals.RIGHT, removed.target)
        return removed.target, removed.original
    target = fetch.container(request, host, container_id)
    authorize(request.actor, "container.duplicate", target)
    return target, originals.original(target)


def networks(request: Request, engine: Engine) -> list[str]:
    """Names to choose from: the person's; none where the engine does not answer."""
    if engine.mirror.snapshot.state != EngineState.UP:
        return []
    try:
        found = engine.commands.networks()
    except EngineError:
        return []
    names = sorted(str(n["Name"]) for n in found if n["Name"] not in NETWORK_MODES)
    if sees_all(request.actor, engine.name):
        return names
    return [name for name in names if holds(request.actor, engine.name, "network", name)]


def page(
    request: Request,
    host: str,
    engine: Engine,
    form: RunForm,
    notes: list[str] | None = None,
    status: int = 200,
    left: Any = None,
) -> HttpResponse:
    bound = form if form.is_bound else RunForm({k: v for k, v in form.initial.items() if v})
    bound.is_valid()
    snapshot = fetch.sight(request, host)
    context = {
        "host": host,
        "form": form,
        "notes": notes or [],
        "action": reverse("container-run", args=[host]),
        "preview_url": reverse("container-run-preview", args=[host]),
        "left": left,
        "teams": teams_to_own(request.actor, host),
        "removed": may(request.actor, removals.RIGHT, Target("host", host, host, host)),
        "team": request.POST.get("team", form.initial.get("team", "")),
        "may_go_beyond": may_go_beyond(request.actor, host),
        "images": sorted({tag for row in snapshot.images.values() for tag in row.tags}),
        "offers": offered(request, engine, bound.spec().image),
        "taken": request.POST.getlist("offer"),
        **preview(request, bound, engine),
    }
    return shaped(request, "containers/run.html", "containers/_run.html", context, status)
