"""What the player of recordings says from its script. ``{name}`` is filled in by the browser."""

from django.utils.translation import gettext as _


def recording_words() -> dict[str, str]:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "again": _("Play again"),
        "loading": _("Loading…"),
        "failed": _("The recording could not be loaded: {reason}"),
        "empty": _("Nothing was shown."),
        "screen": _("What the terminal showed"),
        "at": _("{at} of {whole}"),
        "hits": _("{at} of {count}"),
        "no_hits": _("Not found"),
        "most": _("The first {count} are listed."),
        "connecting": _("Connecting"),
        "watching": _("Watching"),
        "waiting": _("Connection lost, trying again in {seconds} s"),
        "ended": _("Ended"),
        "unreachable": _("The connection was closed (code {code})."),
    }
