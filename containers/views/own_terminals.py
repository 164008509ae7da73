"""One's own open terminals in all containers: where to come back to them, or to end them."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from containers.terminal import TerminalSession
from containers.terminals import lost_sentence, terminals
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import done, shaped


@dataclass(frozen=True, slots=True)
class OwnTerminal:
    """One row. ``seconds_left``: until it is ended, where nobody looks at it; else None."""

    id: str
    url: str
    host: str
    container: str
    shell: str
    user: str
    opened: datetime
    seconds_left: int | None

    @classmethod
    def of(cls, session: TerminalSession) -> "OwnTerminal":
        target, left = session.order.target, None
        page = reverse(session.order.page, args=[target.host, target.id])
        if not session.viewers:
            passed = time.monotonic() - session.left_at
            left = max(0, round(settings.TERMINAL_RETURN_SECONDS - passed))
        return cls(
            id=session.id,
            url=f"{page}?session={session.id}",
            host=target.host,
            container=target.name,
            shell=session.shell or _("starting"),
            user=session.order.user,
            opened=datetime.fromtimestamp(session.opened_at, UTC),
            seconds_left=left,
        )


@needs("signed-in")
def terminal_list(request: Request) -> HttpResponse:
    rows = [OwnTerminal.of(session) for session in terminals.of(request.actor)]
    context = {"rows": rows, "most": settings.SHELLS_PER_PERSON}
    return shaped(request, "containers/terminals.html", "containers/_terminals.html", context)


@needs("signed-in", "POST")
def own_terminal_end(request: Request, session_id: str) -> HttpResponse:
    """End one's own terminal and all that it started, wherever it is shown."""
    session = terminals.find(request.actor, session_id)
    if session is None:
        raise BadInput(lost_sentence(), 404)
    terminals.end(session)
    ended = _("The terminal in %(name)s was ended.") % {"name": session.order.target.name}
    return done(request, "terminal-ended", ended, reverse("terminal-list"))
