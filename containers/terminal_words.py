"""What the terminal page says from its scripts. ``{name}`` is filled in by the browser."""

from django.utils.translation import gettext as _


def attach_words() -> dict[str, str]:
    """Of the page that attaches to a main process."""
    return terminal_words() | {
        "ended": _("Not attached"),
        "connected": _("Attached"),
        "label": _("Main process of {container}"),
        "tab": _("Main process"),
        "recorded_help": _("What the main process shows is recorded, not what you type."),
        "start_again": _("Attach again"),
        "most": _("You are attached already."),
    }


def terminal_words() -> dict[str, str]:
    return {
        "connecting": _("Connecting"),
        "connected": _("Connected"),
        "waiting": _("Connection lost, trying again in {seconds} s"),
        "ended": _("Ended"),
        "unreachable": _("The connection to the terminal was closed (code {code})."),
        "skipped": _("This browser was too slow: what came in between is not shown."),
        "tab": _("{shell} {number}"),
        "label": _("Terminal {number} of {container}"),
        "new": _("Terminal"),
        "recorded": _("Recorded"),
        "recorded_help": _("What this terminal shows is recorded, not what you type."),
        "watched": _("Watched by {names}"),
        "paste_lines": _("This text has {count} lines. Each may run as a command."),
        "paste_big": _("{size} KB are too much to paste: upload a file instead."),
        "copied": _("Copied."),
        "copy_failed": _("The browser refused to copy."),
        "start_again": _("Start again"),
        "link": _("A program made this link. Open it? {link}"),
        "most": _("Four terminals are open here: end one to start another."),
    }
