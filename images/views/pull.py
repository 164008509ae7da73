"""Pull an image into an engine, push one out of it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from images import actions, registries
from images.forms import PullForm, PushForm
from web import fetch
from web.request import Request
from web.routes import needs


@needs("image.pull", "GET", "HEAD", "POST")
def image_pull(request: Request, host: str) -> HttpResponse:
    """GET offers the box (``?reference=`` fills it); POST starts or joins a job."""
    fetch.host(request, host)
    form = PullForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    if request.method == "POST" and form.is_valid():
        job = actions.pull(request.actor, host, form.cleaned_data["reference"])
        return redirect("job-detail", job_id=job.id)
    status = 422 if request.method == "POST" else 200
    return render(request, "images/pull.html", {"host": host, "form": form}, status=status)


@needs("image.push", "GET", "HEAD", "POST")
def image_push(request: Request, host: str, image_id: str) -> HttpResponse:
    """``?target=`` shows in full where it would go; POST tags where needed and starts the job."""
    target = fetch.image(request, host, image_id)
    asked = request.POST or (request.GET if "target" in request.GET else None)
    form = PushForm(asked)
    checked = form.is_valid()
    if request.method == "POST" and checked:
        job = actions.push(request.actor, target, form.cleaned_data["target"])
        return redirect("job-detail", job_id=job.id)
    reference = form.cleaned_data["target"] if checked else None
    usable = registries.usable(request.actor)
    context = {
        "host": host,
        "image": target.row,
        "form": form,
        "reference": reference,
        "registry": next((r for r in usable if r.address == reference.registry), None)
        if reference
        else None,
        "registries": usable,
    }
    page = "images/_push_preview.html" if request.htmx else "images/push.html"
    return render(request, page, context, status=422 if asked and not checked else 200)
