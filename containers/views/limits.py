"""Limits and restart policy, changed while the container stays."""

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from access.errors import Fenced
from access.targets import ContainerTarget
from containers import actions
from containers.limits_forms import UpdateForm
from containers.run_fence import may_go_beyond
from containers.views.verbs import CHANGED, ask, detail_url, row_of, sent
from engine.errors import Conflict, Refused
from engine.update import limits_of
from hosts.live import engine_of
from web import fetch
from web.addresses import way_back
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import done


@needs("container.update", "GET", "HEAD", "POST")
@by_any_name
def update(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    now = limits_of(engine_of(host).commands.inspect_container(target.id))
    beyond = may_go_beyond(request.actor, host)
    form = UpdateForm(sent(request), row=row_of(target), now=now, beyond=beyond)
    warnings = carried_out(request, target, form) if form.is_valid() else None
    if warnings is None:
        title = _("Limits and restart of %(name)s")
        return ask(request, target, form, title, _("Change"), harmless=True)
    text = " ".join([_("%(name)s was changed.") % {"name": target.name}, *warnings])
    back = way_back(request, detail_url(target))
    return done(request, CHANGED, text, back, host=host, ids=[target.id])


def carried_out(
    request: Request, target: ContainerTarget, form: UpdateForm
) -> tuple[str, ...] | None:
    """The engine's warnings; None where it was refused, which the form then says at its field."""
    reason = form.cleaned_data.get("beyond_fence", "")
    try:
        return actions.update(request.actor, target, form.changes, reason)
    except Fenced as error:
        for field, words in error.breaches:
            form.add_error(field if field in form.fields else None, words)
        for words in error.remedies:
            form.add_error(None, words)
    except (Conflict, Refused) as error:
        form.add_error(None, error.message)
    return None
