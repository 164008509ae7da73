"""The terminal page, the tickets of its socket, and the end of one's own terminals."""

from typing import Any, TypeVar

from csp.constants import NONCE
from csp.decorators import csp_update
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from access import step_up
from access.gate import authorize, may
from access.targets import ContainerTarget
from containers.orders import Order
from containers.terminal import TerminalSession
from containers.terminal_form import AttachForm, TerminalForm
from containers.terminal_words import terminal_words
from containers.terminals import TooManyShells, lost_sentence, terminals
from containers.views.page import page_context
from web import fetch, tickets
from web.errors import BadInput
from web.request import Request
from web.routes import needs

Form = TypeVar("Form", bound=AttachForm)
Asked = TypeVar("Asked", bound=Order)


@csp_update({"style-src": [NONCE]})  # xterm.js makes <style> elements
@needs("container.exec")
def container_terminal(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-terminal") | {
        "form": TerminalForm(),
        "may_choose_user": may(request.actor, "container.exec_root", target),
        "words": terminal_words(),
        **open_ones(request, target, "container-terminal"),
    }
    return render(request, "containers/terminal.html", context)


def open_ones(request: Request, target: ContainerTarget, page: str) -> dict[str, Any]:
    """The person's own: those of this page, and how many they have elsewhere."""
    own = terminals.of(request.actor)
    here = [s for s in own if s.order.target.id == target.id and s.order.page == page]
    return {"sessions": [facts(session) for session in here], "elsewhere": len(own) - len(here)}


def facts(session: TerminalSession) -> dict[str, Any]:
    return {"session": session.id, "shell": session.shell}


@needs("container.exec", "POST")
def terminal_ticket(request: Request, host: str, container_id: str) -> HttpResponse:
    """A ticket for a new terminal, or for coming back to one's own (``session``)."""
    target = fetch.container(request, host, container_id)
    form = valid(TerminalForm(request.POST))
    options = back(request, form, target, "container-terminal")
    if not options:
        options = {"order": permitted(request, form.order(target))}
    return JsonResponse(
        {"ticket": tickets.issue(request.actor, "container.exec", host, target.id, **options)}
    )


def back(request: Request, form: AttachForm, target: ContainerTarget, page: str) -> dict[str, Any]:
    """What a ticket needs to come back to one's own of this page; empty for a new one."""
    session_id = form.cleaned_data["session"]
    if not session_id:
        return {}
    session = terminals.find(request.actor, session_id, target.id)
    if session is None or session.order.page != page:
        raise BadInput(lost_sentence(), 404)
    if session.actor.session != request.actor.session:
        as_root_only_who_proves(request, session.order)
    return {"session": session_id, "position": form.cleaned_data["position"]}


def permitted(request: Request, order: Asked) -> Asked:
    """The order, if this person may start it now."""
    authorize(request.actor, order.right, order.target)
    as_root_only_who_proves(request, order)
    if order.target.row and not order.target.row.running:
        raise BadInput(_("The container is not running: start it first."), 409)
    try:
        terminals.refuse_too_many(request.actor)
    except TooManyShells as error:
        raise BadInput(error.message, 429) from error
    return order


def as_root_only_who_proves(request: Request, order: Order) -> None:
    """For a new one, and to come back to one that another login of theirs has proved for."""
    if order.right == "container.exec_root":
        step_up.require(request.actor)


def valid(form: Form) -> Form:
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadInput(f"{form.fields[name].label or name}: {errors[0]}")
    return form


@needs("container.exec", "POST")
def terminal_end(request: Request, host: str, container_id: str, session_id: str) -> HttpResponse:
    """End one's own terminal and all that it started; one that has ended is no error."""
    target: ContainerTarget = fetch.container(request, host, container_id)
    return ended(request, target, session_id, "container-terminal")


def ended(request: Request, target: ContainerTarget, session_id: str, page: str) -> HttpResponse:
    session = terminals.find(request.actor, session_id, target.id)
    if session is None or session.order.page != page:
        raise BadInput(_("That terminal has ended."), 404)
    terminals.end(session)
    return HttpResponse(status=204)
