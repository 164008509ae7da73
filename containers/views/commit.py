"""A container made into an image: the form, what it would come to, and the job."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.names import teams_to_own
from access.ownership import team_of
from access.secrets import masked, masked_text
from access.targets import ContainerTarget
from containers import actions, committing
from containers.commit_forms import CommitForm
from containers.views.page import page_context
from engine.answers import Json
from engine.errors import Conflict, EngineError
from hosts.live import engine_of
from jobs.errors import TooMany
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs

SHOWN = CommitForm.base_fields.keys() - {"team"}


@needs("container.commit", "GET", "HEAD", "POST")
@by_any_name
def container_commit(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """GET offers the form; POST starts the job."""
    target = fetch.container(request, host, container_id)
    form = CommitForm(request.POST if request.method == "POST" else None, initial={"pause": True})
    if not form.is_bound or not form.is_valid():
        return page(request, target, form, 422 if form.is_bound else 200)
    try:
        job = actions.commit(request.actor, target, form.spec())
    except (Hidden, StepUpNeeded, TooMany):
        raise
    except Denied as error:
        refused(form, error)
        return page(request, target, form, error.status)
    except Conflict as error:
        form.add_error(None, error.message)
        return page(request, target, form, error.status)
    return redirect("job-detail", job_id=job.id)


@needs("container.commit", "POST")
def container_commit_preview(request: Request, host: str, container_id: str) -> HttpResponse:
    """The panel beside the form: the equal line, and what can be told before it is sent."""
    target = fetch.container(request, host, container_id)
    form = CommitForm(request.POST)
    form.is_valid()
    return render(request, "containers/_commit_preview.html", preview(request, target, form))


def refused(form: CommitForm, error: Denied) -> None:
    """Each rule beside the field that it is about."""
    breaches = error.breaches if isinstance(error, Fenced) else [field_and_words(error.message)]
    for field, words in breaches:
        shown = "reference" if field == "image" else field
        form.add_error(shown if shown in SHOWN else None, words)
    for words in error.remedies if isinstance(error, Fenced) else ():
        form.add_error(None, words)


def field_and_words(message: str) -> tuple[str, str]:
    """What begins with a field's name is about that."""
    field, colon, words = message.partition(": ")
    return (field, words) if colon and field in SHOWN else ("", message)


def page(
    request: Request, target: ContainerTarget, form: CommitForm, status: int = 200
) -> HttpResponse:
    inspect = engine_of(target.host).commands.inspect_container(target.id)
    form.tell(now_of(inspect))
    context = page_context(request, target, "container-changes") | {
        "form": form,
        "teams": teams_to_own(request.actor, target.host, committing.KIND_NAME),
        "team": request.POST.get("team", team_of(target.host, target.id)),
        "secret": secret_names(inspect),
        **preview(request, target, form),
    }
    return render(request, "containers/commit.html", context, status=status)


def secret_names(inspect: Json) -> list[str]:
    """Of variables that look like secrets: they go into the image as they are."""
    pairs = (pair.partition("=") for pair in (inspect.get("Config") or {}).get("Env") or ())
    return sorted(name for name, _equals, value in pairs if masked(name, value) != value)


def now_of(inspect: Json) -> dict[str, str]:
    """What stays where nothing is given."""
    config = inspect.get("Config") or {}
    said = {
        "command": " ".join(config.get("Cmd") or ()),
        "entrypoint": " ".join(config.get("Entrypoint") or ()),
        "user": config.get("User") or "",
        "workdir": config.get("WorkingDir") or "",
    }
    return {field: masked_text(words)[:200] for field, words in said.items() if words}


def preview(request: Request, target: ContainerTarget, form: CommitForm) -> dict[str, Any]:
    """``line``, and ``faults`` with what would be refused."""
    bound = form if form.is_bound else CommitForm({"pause": "on"})
    bound.is_valid()
    spec = bound.spec()
    faults = [
        (form.fields[name].label if name in form.fields else "", text)
        for name, errors in bound.errors.items()
        for text in errors
    ]
    try:
        if not faults:
            committing.check_name(request.actor, target.host, spec)
    except Fenced as error:
        faults += [(form.fields["reference"].label, words) for _field, words in error.breaches]
    except Denied as error:
        faults.append((form.fields["reference"].label, field_and_words(error.message)[1]))
    except EngineError:
        faults = []  # where the engine is not known to answer, nothing is said
    return {"line": committing.masked_line(spec, target.name), "faults": faults}
