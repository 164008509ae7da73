"""Everybody's terminals on a host: watched, and ended with a reason, by those who may."""

from typing import Any

from csp.constants import NONCE
from csp.decorators import csp_update
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.gate import may
from audit.recording_words import recording_words
from containers import terminal_ending
from containers.terminal import TerminalSession
from containers.terminal_ending import ReasonForm
from containers.terminals import lost_sentence, terminals
from containers.views.own_terminals import OwnTerminal
from web import fetch, tickets
from web.request import Request
from web.routes import allow, needs
from web.shape import done, shaped


def session_of(request: Request, host: str, session_id: str) -> TerminalSession:
    """Fetch and authorise by the container that it runs in. Raises Hidden."""
    session = terminals.at(host, session_id)
    if session is None:
        fetch.host(request, host)
        raise Hidden(lost_sentence())
    allow(request, session.order.target)
    return session


@needs("terminal.watch")
def host_terminals(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    sessions = [
        session
        for session in terminals.living()
        if session.order.target.host == host
        and may(request.actor, "terminal.watch", session.order.target)
    ]
    rows = [(OwnTerminal.of(session), session) for session in sessions]
    context = {"host": host, "rows": rows}
    return shaped(
        request, "containers/host_terminals.html", "containers/_host_terminals.html", context
    )


@csp_update({"style-src": [NONCE]})  # xterm.js makes <style> elements
@needs("terminal.watch")
def terminal_watch(request: Request, host: str, session_id: str) -> HttpResponse:
    session = session_of(request, host, session_id)
    context: dict[str, Any] = {
        "host": host,
        "session": session,
        "target": session.order.target,
        "may_end": may(request.actor, "terminal.end", session.order.target),
        "form": ReasonForm(),
        "words": recording_words(),
    }
    return render(request, "containers/watch.html", context)


@needs("terminal.watch", "POST")
def watch_ticket(request: Request, host: str, session_id: str) -> HttpResponse:
    session = session_of(request, host, session_id)
    target = session.order.target
    ticket = tickets.issue(request.actor, "terminal.watch", host, target.id, session=session.id)
    return JsonResponse({"ticket": ticket})


@needs("terminal.end", "POST")
def others_terminal_end(request: Request, host: str, session_id: str) -> HttpResponse:
    """End somebody's terminal and all that it started; its person reads who did it and why."""
    session = session_of(request, host, session_id)
    terminal_ending.end(request.actor, session, ReasonForm(request.POST))
    ended = _("The terminal of %(person)s was ended.") % {"person": session.actor.username}
    return done(request, "terminal-ended", ended, reverse("host-terminals", args=[host]))
