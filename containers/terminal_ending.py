"""Ending somebody else's terminal, with a reason that its person reads."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import door
from access.actors import Actor
from containers.shell_ends import End, EndKind
from containers.terminal import TerminalSession
from containers.terminals import terminals
from web.errors import BadInput


class ReasonForm(forms.Form):
    """Why somebody's terminal is ended."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("The person reads it where the terminal was."),
    )


def end(actor: Actor, session: TerminalSession, form: ReasonForm) -> None:
    """Raises BadInput without a reason; Denied, NotRecorded. In a thread."""
    if not form.is_valid():
        raise BadInput(_("Reason: %(error)s") % {"error": form.errors["reason"][0]})
    reason = form.cleaned_data["reason"]
    about = {"session": session.id, "person": session.actor.username, "reason": reason}
    with door.change(actor, "terminal.end", session.order.target, **about):
        terminals.end(session, End(EndKind.STOPPED_BY, detail=f"{actor.username}: {reason}"))
