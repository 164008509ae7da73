"""The only door to a change of a host's settings: old and new are recorded."""

from typing import Any

from access import door
from access.actors import Actor
from access.targets import Target
from hosts.models import SETTINGS, Host


def values(host: Host) -> dict[str, Any]:
    return {name: getattr(host, name) for name in SETTINGS}


def save_settings(actor: Actor, host: Host) -> None:
    """``host`` holds the new values; what is stored are the old ones."""
    was = values(Host.objects.get(pk=host.pk))
    target = Target("host", host.slug, host.slug, host.slug)
    with door.change(actor, "host.manage", target, was=was, now=values(host)):
        host.save(update_fields=SETTINGS)
