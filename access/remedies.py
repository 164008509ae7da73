"""Who can change what was refused, in a sentence or two for each field."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

QUOTAS = ("containers", "memory", "nano_cpus", "sockets", "shells", "transfers", "pulls")


def remedy(field: str, host: str, beyond: bool) -> str:
    """``beyond``: whether the host lets its administrators go beyond the fence."""
    return " ".join(sentences(field, host, beyond))


def sentences(field: str, host: str, beyond: bool) -> list[str]:
    if field in QUOTAS:
        return [_("A superuser sets the quota on the team's page.")]
    if field in ("image", "ports"):
        words = _("A superuser sets what is allowed in the settings of %(host)s.")
        return [words % {"host": host}]
    if field == "mounts":
        words = _("An operator allows paths of the host (BIND_ALLOW), a superuser shares volumes.")
        return [words, way_beyond(host, beyond)]
    if field == "networks":
        return [_("A superuser shares networks."), way_beyond(host, beyond)]
    return [] if field in ("name", "labels") else [way_beyond(host, beyond)]


def way_beyond(host: str, on: bool) -> str:
    if on:
        words = _("Administrators of %(host)s may go beyond the fence, with a reason.")
    else:
        words = _(
            "To go beyond the fence: a superuser switches it on in the settings of %(host)s, then"
            " its administrators may, with a reason."
        )
    return words % {"host": host}


def remedies(fields: Iterable[str], host: str, beyond: bool) -> list[str]:
    """Each sentence once, in the order of the fields; the way beyond the fence comes last."""
    found = dict.fromkeys(each for field in fields for each in sentences(field, host, beyond))
    return sorted(found, key=way_beyond(host, beyond).__eq__)
