"""Make an API token, end one. The record has its name and scope, and never the secret."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from access import door, step_up
from access.actors import Actor
from access.models import ApiToken, User
from access.scopes import NEVER
from access.targets import StartedTarget
from access.tokens import digest_of, new_secret

RIGHT = "token.manage"


def target_of(row: ApiToken) -> StartedTarget:
    return StartedTarget("token", str(row.pk or ""), row.name, user_id=str(row.user_id))


def make(
    actor: Actor,
    name: str,
    days: int,
    rights: Sequence[str],
    hosts: Sequence[str] = (),
    networks: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """The row, and the secret, which is nowhere else and is never told again.

    Raises StepUpNeeded: whoever finds a browser open takes no lasting way in from it.
    """
    step_up.require(actor)
    secret, bounds = new_secret(), {"hosts": sorted(hosts), "networks": list(networks)}
    row = ApiToken(
        user=User.objects.get(pk=actor.user_id or 0),
        name=name,
        digest=digest_of(secret),
        rights=sorted(set(rights) - NEVER),
        expires=timezone.now() + timedelta(days=days),
        **bounds,
    )
    now = {"rights": row.rights, **bounds, "days": days}
    with door.change(actor, RIGHT, target_of(row), was=None, now=now) as outcome:
        row.save()
        outcome.fields["object_id"] = str(row.pk)
    return row, secret


def end(actor: Actor, row: ApiToken) -> None:
    """From its next request on it is not known."""
    was = {"rights": row.rights, "hosts": row.hosts, "owner": row.user.username}
    with door.change(actor, RIGHT, target_of(row), was=was, now=None):
        row.revoked = timezone.now()
        row.save(update_fields=["revoked"])
