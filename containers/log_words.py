"""What the log viewer says; %(n)s and the like are filled in by the browser."""

from django.utils.translation import gettext as _


def log_words() -> dict[str, str]:
    """Key of ``static/js/log_*.js`` → sentence in the reader's language."""
    return _states() | _notes() | _counts() | _parts()


def _states() -> dict[str, str]:
    return {
        "connecting": _("Connecting"),
        "following": _("Following"),
        "paused": _("Paused"),
        "engine_lost": _("Engine lost, trying again"),
        "waiting": _("Connection lost, trying again in %(seconds)s s"),
        "ended": _("Ended"),
        "closed": _("Closed"),
    }


def _notes() -> dict[str, str]:
    return {
        "ended_exited": _("The container exited with code %(code)s. A new start goes on here."),
        "ended_created": _("The container has not been started yet."),
        "ended_removed": _("The container was removed."),
        "ended_complete": _("This is all that was asked for."),
        "divider_reconnected": _("The engine is back"),
        "divider_restarted": _("The container started again"),
        "divider_gap": _("Lines are missing here: the engine does not keep them any more"),
        "divider_followed": _("From here on the log of the new container %(name)s"),
        "renamed": _("The container is now named %(name)s"),
        "successor": _("Another container is named %(name)s now."),
        "follow_successor": _("Follow the new %(name)s"),
        "skipped": _("skipped %(n)s lines: this browser was too slow for them"),
        "line_gone": _("The line of this link is not stored any more."),
        "earlier_failed": _("The earlier lines could not be loaded."),
    }


def _counts() -> dict[str, str]:
    return {
        "line": _("%(n)s line · %(rate)s lines/s"),
        "lines": _("%(n)s lines · %(rate)s lines/s"),
        "new_line": _("%(n)s new line"),
        "new_lines": _("%(n)s new lines"),
        "match": _("%(n)s match"),
        "matches": _("%(n)s matches"),
        "match_of": _("%(at)s of %(n)s"),
        "no_expression": _("This is no regular expression: %(why)s"),
        "too_slow": _("Stopped: this expression takes too long."),
        "marked_line": _("Line %(n)s"),
        "marked_lines": _("Lines %(from)s to %(to)s"),
        "range_lines": _("Last %(n)s lines"),
    }


def _parts() -> dict[str, str]:
    return {
        "folded": _("%(n)s more lines"),
        "unfold_json": _("Fields of this line"),
        "unfold_trace": _("Stack trace"),
        "whole_line": _("Show the whole line of %(n)s characters"),
        "search_go": _("Search"),
        "search_cancel": _("Cancel"),
        "search_jump": _("Go to"),
        "searching": _("%(hits)s matches in %(lines)s lines so far"),
        "searched": _("%(hits)s matches in %(lines)s lines."),
        "search_slow": _("%(n)s lines took too long to judge."),
        "search_slow_line": _("(took too long to judge)"),
        "search_lost": _("The connection was lost: search again."),
    }
