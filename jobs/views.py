"""Jobs: long work with progress."""

from django.http import HttpResponse
from django.shortcuts import render

from web import fetch
from web.request import Request
from web.routes import needs


@needs("job.see")
def job_list(request: Request) -> HttpResponse:
    fetch.site(request)
    return render(request, "jobs/list.html", {})
