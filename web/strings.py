"""The words that scripts show. Data for the page's JSON block, so that gettext covers them too."""

from django.utils.translation import gettext as _


def script_strings() -> dict[str, str]:
    """Key → text. ``{name}`` stands for a value that the script fills in."""
    return {
        "copied": _("Copied."),
        "copy_failed": _("The browser refused to copy: select the text and press Ctrl+C."),
        "copy_details": _("Copy details"),
        "live_retry": _("Live updates paused, retrying in {seconds} s"),
        "live_connecting": _("Live updates paused, connecting…"),
        "live_paused": _("Live updates are paused."),
        "live_back": _("Live updates go on."),
        "live_login_over": _("Your login is over: log in again."),
        "live_refused": _("Live updates were refused: reload the page."),
        "live_too_many": _("Too many pages are open: close some and reload this one."),
        "network_error": _("The server cannot be reached. Check the connection and try again."),
        "timeout_error": _("The server did not answer in time. Reload to see what came of it."),
        "server_error": _("The server answered with an error ({status})."),
        "request": _("Request {id}"),
        "selected": _("{count} selected"),
        "no_messages": _("No messages yet."),
        "keys_on": _("Keyboard shortcuts are on."),
        "keys_off": _("Keyboard shortcuts are off."),
        "reload": _("Reload"),
        "job_starting": _("Starting…"),
        "job_left": _("{span} left"),
    }
