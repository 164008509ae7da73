"""A container comes into a network and leaves it, from its own page."""

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.gate import may
from access.targets import ContainerTarget, NetworkTarget
from containers.views.verbs import CHANGED, ask, detail_url, row_of, sent
from engine.errors import NotFound
from engine.network_rows import network_from
from hosts.live import engine_of
from networks import actions
from networks.forms import ConnectForm, named
from networks.joining import told_by
from networks.usable import joinable
from web import fetch
from web.addresses import way_back
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import done


@needs("container.connect", "GET", "HEAD", "POST")
@by_any_name
def connect(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    rows = engine_of(host).commands.network_rows()
    choices = {row.id: row for row in joinable(request.actor, host, rows, row_of(target))}
    form = ConnectForm(sent(request), named(choices.values()))
    if form.is_valid():
        network = NetworkTarget.of(host, choices[form.cleaned_data["network"]])
        with told_by(form):
            actions.connect(request.actor, target, network, form.wanted)
            return joined(request, target, network, _("%(name)s is in %(network)s now."))
    title = _("Connect %(name)s to a network")
    return ask(request, target, form, title, _("Connect"), harmless=True)


@needs("container.disconnect", "GET", "HEAD", "POST")
@by_any_name
def disconnect(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """``network`` is its id, or its name where the container never ran."""
    target = fetch.container(request, host, container_id)
    network = seen_network(request, host, (request.POST or request.GET).get("network", ""))
    if request.method == "POST":
        actions.disconnect(request.actor, target, network)
        words = _("%(name)s is not in %(network)s any more.")
        return joined(request, target, network, words)
    return ask(
        request,
        target,
        None,
        _("Disconnect %(name)s from a network?"),
        _("Disconnect"),
        text=_("It goes on running; nobody in %(network)s reaches it there any more.")
        % {"network": network.name},
        hidden=[("network", network.id), ("next", way_back(request, detail_url(target)))],
    )


def seen_network(request: Request, host: str, ref: str) -> NetworkTarget:
    """Resolved once to its full id. Raises Hidden where it may not be seen."""
    try:
        row = network_from(engine_of(host).commands.inspect_network(ref))
    except NotFound as error:
        words = _("There is no network %(name)s on %(host)s.")
        raise Hidden(words % {"name": ref[:200], "host": host}) from error
    target = NetworkTarget.of(host, row)
    if not may(request.actor, "network.see", target):
        words = _("There is no network %(name)s on %(host)s.")
        raise Hidden(words % {"name": ref[:200], "host": host})
    return target


def joined(
    request: Request, target: ContainerTarget, network: NetworkTarget, text: str
) -> HttpResponse:
    words = text % {"name": target.name, "network": network.name}
    back = way_back(request, detail_url(target))
    return done(request, CHANGED, words, back, host=target.host, ids=[target.id])
