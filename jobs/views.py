"""Jobs: long work with progress, seen by anybody who may, cancelled and run again."""

import uuid
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.gate import may
from jobs import runner
from jobs.kinds import kind_of
from jobs.models import Job
from jobs.progress import Picture
from jobs.rows import JobRow, row_of
from jobs.targets import JobTarget
from web import fetch
from web.request import Request
from web.routes import allow, needs
from web.shape import done, shaped

MOST = 200
MOST_IN_MENU = 8


def job_of(request: Request, job_id: uuid.UUID) -> Job:
    """Fetch and authorise. Raises Hidden."""
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        allow(request, JobTarget("job", str(job_id)))
        raise Hidden(_("There is no such job. Results are kept for a day."))
    allow(request, JobTarget.of(job))
    return job


@needs("job.see")
def job_list(request: Request) -> HttpResponse:
    fetch.site(request)
    return shaped(request, "jobs/list.html", "jobs/_table.html", {"rows": seen(request, MOST)})


def seen(request: Request, most: int) -> list[JobRow]:
    """Of the last ``most`` those that the person may see, the newest first."""
    jobs = Job.objects.all()[:most]
    shown = [job for job in jobs if may(request.actor, "job.see", JobTarget.of(job))]
    return [row_of(job, may(request.actor, "job.cancel", JobTarget.of(job))) for job in shown]


@needs("job.see")
def job_tray(request: Request) -> HttpResponse:
    """The number beside "Jobs" in the top bar, which the shell counts; with ``menu`` what opens
    there: those that run, then those that are over."""
    fetch.site(request)
    if "menu" not in request.GET:
        return render(request, "jobs/_tray.html")
    rows = sorted(seen(request, MOST), key=lambda row: not row.job.active)[:MOST_IN_MENU]
    return render(request, "jobs/_menu.html", {"rows": rows})


@needs("job.see")
def job_detail(request: Request, job_id: uuid.UUID) -> HttpResponse:
    job = job_of(request, job_id)
    if request.GET.get("format") == "json":
        return JsonResponse(standing(job))
    context = detail(request, job)
    return shaped(request, "jobs/detail.html", "jobs/_job.html", context)


def standing(job: Job) -> dict[str, Any]:
    """How a job stands, for a script or a program that waits for it."""
    return {
        "id": str(job.id),
        "state": job.state,
        "over": not job.active,
        "error": job.error,
        "result": job.result,
    }


def detail(request: Request, job: Job) -> dict[str, Any]:
    run = runner.find(job.id)
    picture = run.progress.picture() if run else Picture.of_json(job.progress)
    row = row_of(job, may(request.actor, "job.cancel", JobTarget.of(job)))
    links = kind_of(job.kind).links(job.host, job.result)
    return {"row": row, "job": job, "picture": picture, "links": links, "results": results(job)}


def results(job: Job) -> list[tuple[str, str]]:
    """What came of it, named and not empty."""
    names = {
        "image_id": _("Image"),
        "tags": _("Tags"),
        "digest": _("Digest"),
        "status": _("Result"),
        "path": _("Path"),
        "sha256": "sha256",
    }
    found = ((str(names[key]), job.result[key]) for key in names if job.result.get(key))
    return [(name, ", ".join(v) if isinstance(v, list) else v) for name, v in found]


@needs("job.cancel", "POST")
def job_cancel(request: Request, job_id: uuid.UUID) -> HttpResponse:
    job = job_of(request, job_id)
    runner.cancel(request.actor, job)
    back = reverse("job-detail", args=[job.id])
    message = _("Cancelled: %(job)s.") % {"job": job.title}
    return done(request, "job-changed", message, back, ids=[str(job.id)])


@needs("job.see", "POST")
def job_retry(request: Request, job_id: uuid.UUID) -> HttpResponse:
    job = job_of(request, job_id)
    return redirect("job-detail", job_id=runner.retry(request.actor, job).id)
