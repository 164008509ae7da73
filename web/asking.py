"""Who one is, asked for again (``access.step_up``): how each kind of request learns of it.

A page goes to the question and comes back. A form keeps what was typed, and the question's page
sends it again. htmx and scripts get a 403 with ``X-Step-Up``: ``static/js/step_up.js`` opens the
question as a dialog and then repeats what was asked for.
"""

import json
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access import second_factor
from access.models import User
from access.proof_form import ProofForm
from web.shape import shaped

NEEDED = "X-Step-Up"
Pairs = list[tuple[str, str]]


def who_one_is(request: HttpRequest, message: str) -> HttpResponse:
    """The answer to what needs it first."""
    scripted = request.headers.get("HX-Request") == "true"
    if scripted or "text/html" not in request.headers.get("Accept", ""):
        response = HttpResponse(
            f"{message}\n", status=403, content_type="text/plain; charset=utf-8"
        )
        response[NEEDED] = "needed"
        response["HX-Reswap"] = "none"
        return response
    if request.method in ("GET", "HEAD"):
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('step-up')}?{query}")
    go_on = [("go_on", request.get_full_path()), ("kept", json.dumps(kept(request)))]
    return question(request, ProofForm(), go_on, 403)


def question(
    request: HttpRequest, form: ProofForm, go_on: Pairs, status: int, error: str = ""
) -> HttpResponse:
    """As a page or as the dialog's content; ``go_on`` are the fields that say with what."""
    user: User | AnonymousUser = request.user
    context = {
        "form": form,
        "error": error,
        "enrolled": isinstance(user, User) and second_factor.of(user) is not None,
        "by_password": user.has_usable_password() if isinstance(user, User) else True,
        "form_fields": go_on,
        "files": bool(request.FILES),
    }
    response = shaped(request, "access/step_up.html", "access/_step_up.html", context, status)
    response["Cache-Control"] = "no-store"
    return response


def kept(request: HttpRequest) -> Pairs:
    """What the form held. Files cannot be kept: they are chosen again."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


def read_kept(text: str) -> Pairs:
    """Raises ValueError."""
    pairs = json.loads(text)
    if not isinstance(pairs, list):
        raise ValueError("not a list")
    read = []
    for pair in pairs:
        if not (isinstance(pair, list) and [type(part) for part in pair] == [str, str]):
            raise ValueError("not a pair of texts")
        read.append((pair[0], pair[1]))
    return read
