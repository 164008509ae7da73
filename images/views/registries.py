"""Registries: where images come from and go to."""

from django.http import HttpResponse
from django.shortcuts import render

from web import fetch
from web.request import Request
from web.routes import needs


@needs("registry.use")
def registry_list(request: Request) -> HttpResponse:
    fetch.site(request)
    return render(request, "images/registries.html", {})
