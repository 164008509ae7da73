"""A container made anew: the run form filled from it, the difference, and the job that does it."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.targets import ContainerTarget
from containers import actions
from containers.differences import Difference, consequences, differences
from containers.duplicates import shown, unmasked
from containers.originals import Original, original
from containers.replace_rules import check_free, check_read_only, check_state, ruled, wants_pull
from containers.replacing import EDIT
from containers.run_checks import checks
from containers.run_fence import Ruling, may_go_beyond
from containers.run_filled import initial_of
from containers.run_form import RunForm
from containers.run_refusals import field_of
from containers.verb_forms import VerbForm
from containers.views.run import networks, not_carried, show_breaches, show_masks
from containers.views.run_panel import panel
from containers.views.verbs import ask, detail_url, row_of
from engine.errors import EngineError
from engine.snapshot import Snapshot
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

LOST = gettext_lazy("What was written into the container itself, outside of its volumes, is lost.")


@needs("container.edit", "GET", "HEAD", "POST")
@by_any_name
def container_edit(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """GET: the form. POST shows what differs; with ``confirmed`` it is done, with ``back`` the
    form is shown again."""
    target = fetch.container(request, host, container_id)
    old = original(target)
    names = networks(request, engine_of(host))
    if request.method != "POST":
        filled = RunForm(networks=names, initial=initial_of(shown(old.spec)))
        return page(request, target, filled, not_carried(old.unread))
    form = RunForm(request.POST, networks=names)
    spec = sent(form, target, old)
    if form.errors or "back" in request.POST:
        return page(request, target, form, status=422 if form.errors else 200)
    try:
        job, spec = judged(request, target, old, spec, form.cleaned_data["beyond_fence"])
    except (Hidden, StepUpNeeded):
        raise
    except Denied as error:
        show_breaches(form, error)
        return page(request, target, form, status=error.status)
    except EngineError as error:
        form.add_error(field_of(error.message), error.message)
        return page(request, target, form, status=error.status)
    if job is not None:
        return redirect(f"{job_url(job)}?then=open")
    return difference(request, target, old, spec)


def judged(
    request: Request, target: ContainerTarget, old: Original, spec: ContainerSpec, reason: str
) -> tuple[Job | None, ContainerSpec]:
    """The job where somebody confirmed it, and what it would be. Raises Denied, EngineError."""
    check_free(target)
    check_state(old)
    check_read_only(old, spec)
    if "confirmed" in request.POST:
        return actions.edit(request.actor, target, spec, reason), spec
    pulls = wants_pull(request.actor, target.host, spec)
    return None, ruled(request.actor, target, EDIT, spec, reason, pulls)[0]


@needs("container.edit", "POST")
def container_edit_preview(request: Request, host: str, container_id: str) -> HttpResponse:
    """The panel beside the form, as the run form has it."""
    target = fetch.container(request, host, container_id)
    form = RunForm(request.POST)
    form.is_valid()
    return render(request, "containers/_run_preview.html", preview(request, target, form))


@needs("container.recreate", "GET", "HEAD", "POST")
@by_any_name
def container_recreate(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """Asked first: the pull, what comes of it, and what cannot be carried over."""
    target = fetch.container(request, host, container_id)
    form = VerbForm(request.POST if request.method == "POST" else None, row=row_of(target))
    if form.is_valid():
        job = actions.recreate(request.actor, target)
        if is_fragment(request):
            return HttpResponse(status=204, headers={"HX-Redirect": job_url(job)})
        return redirect(job_url(job))
    old = original(target)
    told = [_("Where that is the image it has already, nothing is changed.")]
    told += consequences(old, old.spec, pull=True)
    objects = [{"name": words, "detail": ""} for words in (*told, *not_carried(old.unread))]
    title = _("Recreate %(name)s with the newest image?")
    return ask(request, target, form, title, _("Recreate"), objects=objects, warning=LOST)


def job_url(job: Job) -> str:
    return reverse("job-detail", args=[job.id])


def sent(form: RunForm, target: ContainerTarget, old: Original) -> ContainerSpec:
    """What the form says, hidden values filled in; ``form.errors`` names what is wrong."""
    form.is_valid()
    spec = unmasked(replace(form.spec(), name=target.name), old.spec)
    show_masks(form, spec)
    return spec


def difference(
    request: Request, target: ContainerTarget, old: Original, spec: ContainerSpec
) -> HttpResponse:
    pull = wants_pull(request.actor, target.host, spec)
    context = {
        **about(target),
        "differences": [*differences(old.spec, spec), *other_image(request, target, old, spec)],
        "consequences": list(consequences(old, spec, pull)),
        "lost": LOST,
        "unread": not_carried(old.unread),
        "kept": [
            (name, value)
            for name, several in request.POST.lists()
            for value in several
            if name not in ("csrfmiddlewaretoken", "back", "confirmed")
        ],
    }
    return shaped(request, "containers/difference.html", "containers/_difference.html", context)


def other_image(
    request: Request, target: ContainerTarget, old: Original, spec: ContainerSpec
) -> list[Difference]:
    """The same reference may name another image by now."""
    found = fetch.sight(request, target.host).find_image(spec.image)
    if found is None or found.id == old.image_id:
        return []
    ids = (old.image_id[:12],), (found.short_id,)
    return [Difference("image_id", _("What the image's name stands for"), *ids)]


def about(target: ContainerTarget) -> dict[str, Any]:
    base = detail_url(target)
    return {"host": target.host, "name": target.name, "base": base, "action": f"{base}edit/"}


def page(
    request: Request,
    target: ContainerTarget,
    form: RunForm,
    notes: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    bound = form if form.is_bound else RunForm({k: v for k, v in form.initial.items() if v})
    bound.is_valid()
    snapshot = fetch.sight(request, target.host)
    context = {
        **preview(request, target, bound),
        **about(target),
        "form": form,
        "editing": True,
        "notes": notes or [],
        "preview_url": f"{detail_url(target)}edit/preview/",
        "may_go_beyond": may_go_beyond(request.actor, target.host),
        "images": sorted({tag for row in snapshot.images.values() for tag in row.tags}),
    }
    return shaped(request, "containers/edit.html", "containers/_run.html", context, status)


def preview(request: Request, target: ContainerTarget, form: RunForm) -> dict[str, Any]:
    """Without the container itself: its name and its ports are no hindrance."""
    spec = replace(form.spec(), name=target.name)
    seen, whole = fetch.sight(request, target.host), engine_of(target.host).mirror.snapshot
    told = checks(replace(spec, name=""), without(target, seen), without(target, whole))
    return panel(request, target.host, form, spec, told, ruling(request, target, spec))


def without(target: ContainerTarget, snapshot: Snapshot) -> Snapshot:
    others = {id: row for id, row in snapshot.containers.items() if id != target.id}
    return replace(snapshot, containers=others)


def ruling(request: Request, target: ContainerTarget, spec: ContainerSpec) -> Ruling:
    """What would be refused; nothing is done. Where the engine does not answer it says nothing."""
    try:
        if spec.image:
            pulls = wants_pull(request.actor, target.host, spec)
            ruled(request.actor, target, EDIT, spec, pulls=pulls)
    except Fenced as refused:
        return Ruling(tuple(refused.breaches), tuple(refused.remedies))
    except StepUpNeeded:
        return Ruling()
    except Denied as denied:
        return Ruling((("", denied.message),))
    except EngineError:
        return Ruling()
    return Ruling()
