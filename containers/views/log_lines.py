"""Lines of logs by request: those before a line, and the ticket of a view of several logs."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers.log_range import LogRangeForm
from containers.log_wire import cursor, messages
from containers.views.logs import asked
from engine.feed import LogRange
from engine.threads import door
from engine.types import Cursor
from hosts.live import engine_of
from web import fetch, tickets
from web.errors import BadInput
from web.request import Request
from web.routes import needs

MOST_LINES = 5000
MOST_HELD = 1_000_000
SECONDS = 30.0
FEWEST, MOST_CONTAINERS = 2, 8
SEVERAL = "several"  # what a ticket of several containers names instead of one


class EarlierForm(forms.Form):
    before = forms.CharField(max_length=40)
    lines = forms.IntegerField(min_value=1, max_value=MOST_LINES)
    held = forms.IntegerField(min_value=0, max_value=MOST_HELD, required=False)

    def clean_before(self) -> Cursor:
        found = cursor(self.cleaned_data["before"])
        if found is None:
            raise ValidationError(_("This is no place in a log."))
        return found


@needs("container.logs")
def logs_earlier(request: Request, host: str, container_id: str) -> HttpResponse:
    """The lines before a cursor, as one message of the log socket."""
    target = fetch.container(request, host, container_id)
    form = EarlierForm({"lines": "1000", **request.GET.dict()})
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadInput(_("%(field)s: %(error)s") % {"field": name, "error": errors[0]})
    fields = form.cleaned_data
    reading = engine_of(host).logs.earlier(
        target.id, fields["before"], fields["lines"], fields["held"] or 0
    )
    found = door.call(reading, SECONDS)
    body = b"\0" + b"".join(message[1:] for message in messages(found.lines))
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Log-Begins"] = "1" if found.begins else "0"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@needs("container.logs", "POST")
def merged_ticket(request: Request, host: str) -> HttpResponse:
    """A ticket for several containers, in the order of their places."""
    targets = several(request, host, request.POST.getlist("id"))
    ranges = resumed(request, targets)
    ticket = tickets.issue(request.actor, "container.logs", host, SEVERAL, ranges=ranges)
    places = [{"id": target.id, "name": target.name} for target in targets]
    return JsonResponse({"ticket": ticket, "containers": places})


def several(request: Request, host: str, ids: list[str]) -> list[ContainerTarget]:
    """The containers, each past the gate."""
    ids = list(dict.fromkeys(ids))[: MOST_CONTAINERS + 1]
    targets = [fetch.container(request, host, id) for id in ids or [""]]
    if not FEWEST <= len(targets) <= MOST_CONTAINERS:
        told = _("Choose %(fewest)s to %(most)s containers.")
        raise BadInput(told % {"fewest": FEWEST, "most": MOST_CONTAINERS})
    return targets


def resumed(request: Request, targets: list[ContainerTarget]) -> dict[str, LogRange]:
    """What is asked of each: all the same, but for the lines it goes on behind."""
    after = dict(text.partition(":")[::2] for text in request.POST.getlist("after"))
    if not after.keys() <= {target.id for target in targets}:
        raise BadInput(_("after: this container was not asked for."))
    fields = {name: value for name, value in request.POST.dict().items() if name != "after"}
    return {
        target.id: asked(LogRangeForm({**fields, "after": after.get(target.id, "")}))
        for target in targets
    }
