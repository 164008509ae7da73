"""Have registries asked whether they have something newer: of all images that one sees, or one."""

from django.http import HttpResponse
from django.shortcuts import redirect

from images import actions
from images.views.verbs import row_of
from web import fetch
from web.request import Request
from web.routes import needs


@needs("image.search", "POST")
def image_check_all(request: Request, host: str) -> HttpResponse:
    rows = fetch.snapshot(request, host).images.values()
    job = actions.check_newer(request.actor, host, rows)
    return redirect("job-detail", job_id=job.id)


@needs("image.search", "POST")
def image_check(request: Request, host: str, image_id: str) -> HttpResponse:
    target = fetch.image(request, host, image_id)
    job = actions.check_newer(request.actor, host, [row_of(target)], target)
    return redirect("job-detail", job_id=job.id)
