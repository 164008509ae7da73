"""Which names a person may give an image here, and push it to."""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import book
from access.errors import Denied
from access.gate import may
from access.models import Team
from access.sight import seen, sees_all
from access.targets import ImageTarget
from engine.engine import Engine
from engine.errors import Conflict
from hosts.live import engine_of
from images.references import Reference, parse


def check_tag(actor: Actor, target: ImageTarget, name: str) -> None:
    """Raises Denied where the name would be taken from an image that is not the person's to tag:
    whoever runs that name next would run theirs."""
    check_no_id("reference", name)
    there = engine_of(target.host).mirror.find_image(name)
    if there is None or there.id == target.id or name not in there.tags:
        return
    if not may(actor, "image.tag", ImageTarget.of(target.host, there)):
        raise Denied(_("reference: %(name)s is the name of an image of others.") % {"name": name})


def check_free(actor: Actor, host: str, name: str, field: str = "tags") -> None:
    """Raises Denied, with the ``field``, where the name is an image's that others have, too: it is
    not taken away."""
    check_no_id(field, name)
    there = engine_of(host).mirror.find_image(name)
    if there is None or name not in there.tags or sees_all(actor, host):
        return
    if not may(actor, "image.tag", ImageTarget.of(host, there)) or has_others(
        actor, host, there.id
    ):
        words = _("%(field)s: %(name)s is the name of an image of others.")
        raise Denied(words % {"field": field, "name": name})


def check_no_id(field: str, name: str) -> None:
    """Raises Denied for a name that would be run in place of the image with such an id."""
    if parse(name).reads_as_id:
        words = _("%(name)s reads as an image's id, and would stand before it.")
        raise Denied(f"{field}: {words % {'name': name[:200]}}")


def need_named(engine: Engine, name: str, image_id: str) -> None:
    """Raises Conflict where the name is another image's now: nobody has judged that one."""
    if engine.commands.image(name).id != image_id:
        raise Conflict(_("%(name)s is the name of another image now: try again.") % {"name": name})


def has_others(actor: Actor, host: str, image_id: str) -> bool:
    """Whether it is shared, or another team or person has it, too."""
    held = book()
    holders = held.holders(host, "image", image_id)
    own = {rule.team_id for rule in held.rules_for(actor.user_id, host)}
    return bool(holders.shared or holders.teams - own or holders.users - {actor.user_id})


def held_by_own(actor: Actor, host: str) -> frozenset[str]:
    """Ids of the images that the person or one of their teams has there."""
    held = book()
    own = {rule.team_id for rule in held.rules_for(actor.user_id, host)}
    return frozenset(
        name
        for (at, kind, name), by in held.held.items()
        if (at, kind) == (host, "image") and (by.teams & own or actor.user_id in by.users)
    )


def check_remove(actor: Actor, target: ImageTarget) -> None:
    """Raises Denied where others have the image, too: it would go from under them."""
    if sees_all(actor, target.host):
        return
    snapshot = engine_of(target.host).mirror.snapshot
    using = {row.id for row in snapshot.containers_of_image(target.id)}
    if using - seen(actor, target.host, snapshot).containers.keys():
        raise Denied(_("Containers of others are made from this image: it stays."))
    if has_others(actor, target.host, target.id):
        raise Denied(_("Others have this image, too: it stays."))


def check_push(actor: Actor, host: str, reference: Reference) -> None:
    """Raises Denied where the name is below no image prefix of a team that lets the person push."""
    if actor.reaches_all:
        return
    rules = [r for r in book().rules_for(actor.user_id, host) if "image.push" in r.rights]
    if any(rule.everything for rule in rules):
        return
    teams = Team.objects.filter(pk__in=[rule.team_id for rule in rules])
    prefixes = [prefix for prefix in teams.values_list("image_prefix", flat=True) if prefix]
    if not any(reference.name.startswith(prefix.rstrip("/") + "/") for prefix in prefixes):
        words = _("reference: your teams push only below %(prefixes)s.")
        raise Denied(words % {"prefixes": ", ".join(prefixes) or _("a prefix not set yet")})
