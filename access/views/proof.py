"""Step-up: the question who one is, as a page and as a dialog."""

import json

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access import step_up
from access.errors import TooSoon
from access.proof_form import ProofForm
from access.views.tries import denied, failed, waited, worked
from web.addresses import own_path
from web.asking import question, read_kept
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import is_fragment


@sensitive_post_parameters()
@needs("logged-in", "GET", "HEAD", "POST")
def step_up_page(request: Request) -> HttpResponse:
    """Asks; ``next`` is the page to go on to, ``go_on`` with ``kept`` the form to send again."""
    form = ProofForm(request.POST or None)
    sent = request.POST or request.GET
    names = ("go_on", "kept") if "kept" in request.POST else ("next",)
    go_on = [(name, sent.get(name, "")) for name in names]
    if request.method != "POST":
        return question(request, form, go_on, 200)
    if form.is_valid():
        try:
            if step_up.proves(request.user, form.cleaned_data["secret"]):
                step_up.confirm(request)
                worked(request, "session.step_up")
                return goes_on(request)
        except TooSoon as error:
            denied(request, "session.step_up", error)
            answer = question(request, ProofForm(), go_on, error.status, error.message)
            return waited(answer, error)
        failed(request, "session.step_up", "wrong password or code")
        form.add_error("secret", _("This is not right: try again."))
    return question(request, form, go_on, 422)


def goes_on(request: Request) -> HttpResponse:
    """With what was asked for: the page, or the form that is sent again; a script is told."""
    if is_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Trigger"] = json.dumps({"stepped-up": {}})
        return response
    if "kept" not in request.POST:
        return redirect(own_path(request, request.POST.get("next", "")))
    try:
        fields = read_kept(request.POST["kept"])
    except ValueError as error:
        raise BadInput(_("What was to be sent cannot be read: send it again yourself.")) from error
    address = own_path(request, request.POST.get("go_on", ""))
    response = render(request, "access/go_on.html", {"address": address, "fields": fields})
    response["Cache-Control"] = "no-store"
    return response
