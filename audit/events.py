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
    "user.create": _("The first superuser was made"),
    "user.password": _("Somebody changed their own password"),
    "registry.rotate_keys": _("Stored registry passwords were sealed with a new key"),
}
