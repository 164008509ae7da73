"""Build an image: the form, what it would come to, and the job."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from access.actors import Actor
from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.names import teams_to_own
from engine.build_spec import BuildSpec
from engine.errors import EngineError, NotFound
from images import actions, build_rules, building
from images.build_forms import BuildForm
from images.views import contexts, uploads
from jobs.errors import TooMany
from web import fetch
from web.request import Request
from web.routes import needs

CHOSEN = "chosen"  # what the page's script says of a context that is not sent yet


@needs("image.build", "GET", "HEAD", "POST")
def image_build(request: Request, host: str) -> HttpResponse:
    """GET offers the form; POST starts the job."""
    fetch.host(request, host)
    sent = request.POST.copy() or None
    if sent is not None and (file := request.FILES.get("context")):
        sent["upload"] = str(uploads.received(request, host, building.UPLOAD_KIND, file).pk)
    form = BuildForm(sent)
    if sent is None or not form.is_valid():
        return page(request, host, form, 200 if sent is None else 422)
    try:
        job = actions.build(request.actor, host, form.spec())
    except (Hidden, StepUpNeeded, TooMany):
        raise
    except NotFound as error:
        form.add_error(None, error.message)
        return page(request, host, form, 422)
    except Denied as error:
        return refused(request, host, form, error)
    return redirect("job-detail", job_id=job.id)


@needs("image.build", "POST")
def image_build_preview(request: Request, host: str) -> HttpResponse:
    """The panel beside the form: the equal line, and what can be told before it is sent."""
    fetch.host(request, host)
    form = BuildForm(request.POST)
    form.is_valid()
    return render(request, "images/_build_preview.html", preview(request, host, form))


def refused(request: Request, host: str, form: BuildForm, error: Denied) -> HttpResponse:
    """The form again, each rule beside the field that it is about."""
    breaches = error.breaches if isinstance(error, Fenced) else [("", error.message)]
    for field, reason in breaches:
        shown = field if field in form.fields else None
        form.add_error(shown, reason if shown or not field else f"{field}: {reason}")
    for sentence in error.remedies if isinstance(error, Fenced) else ():
        form.add_error(None, sentence)
    return page(request, host, form, error.status)


def page(request: Request, host: str, form: BuildForm, status: int) -> HttpResponse:
    context = {
        "host": host,
        "form": form,
        "teams": teams_to_own(request.actor, host, building.KIND_NAME),
        "team": request.POST.get("team", ""),
        "context": contexts.shown(request, host, str(form["upload"].value() or "")),
        "words": uploads.words(),
        **preview(request, host, form),
    }
    return render(request, "images/build.html", context, status=status)


def preview(request: Request, host: str, form: BuildForm) -> dict[str, Any]:
    """``line``, and ``faults`` with what the fence would say."""
    spec = form.spec() if form.is_bound else BuildSpec()
    names = {name: str(field.label) for name, field in form.fields.items()}
    unsaid = {"" if spec.dockerfile else "dockerfile", "__all__" if spec.upload == CHOSEN else ""}
    faults = [
        (names.get(name, ""), text)
        for name, errors in form.errors.items()
        for text in errors
        if name not in unsaid
    ]
    ruled = judged(request.actor, host, spec) if spec.dockerfile and not form.errors else []
    ruled = [(names.get(field, ""), reason) for field, reason in ruled]
    return {"host": host, "line": building.masked_line(spec), "faults": [*faults, *ruled]}


def judged(actor: Actor, host: str, spec: BuildSpec) -> list[tuple[str, str]]:
    """The same rules; nothing is done. Where the engine is not known to answer it says nothing."""
    try:
        build_rules.check_names(actor, host, spec)
        build_rules.bases(actor, host, build_rules.read(spec.dockerfile.encode(), spec), spec)
    except Fenced as error:
        return [*error.breaches, *(("", each) for each in error.remedies)]
    except Denied as error:
        return [("", error.message)]
    except EngineError:
        return []
    return []
