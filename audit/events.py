"""Events of the record that are no right: what is noted, not asked for. The rest are in
``access.rights``; a test holds the two lists to what the code writes.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "server.start": _("The server started"),
    "server.stop": _("The server was told to stop"),
    "session.login": _("A login, or one that failed"),
    "session.logout": _("A logout"),
    "recording.close": _("The recording of a terminal that a stopped server left was closed"),
    "recording.remove": _("A recording was removed: too old, or too much"),
    "recording.play": _("A recording was played"),
    "recording.download": _("A recording was downloaded"),
    "session.end": _("Somebody ended a login of theirs, or it was ended"),
    "session.groups": _("The groups of a sign-on gave or took memberships"),
    "session.step_up": _("Somebody proved again who they are, or failed to"),
    "user.create": _("The first superuser was made"),
    "user.password": _("Somebody changed their own password"),
    "user.second_factor": _("A second factor was set up or taken away"),
    "user.recovery_codes": _("New recovery codes were made"),
    "registry.rotate_keys": _("Stored registry passwords were sealed with a new key"),
}
