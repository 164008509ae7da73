"""From which registries images may come to a host, and go to: judged by the one canonical name.

An image that is named by its id is judged by the names that the engine knows it by.
"""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import book
from access.errors import Fenced
from access.remedies import remedy
from engine.snapshot import Snapshot
from hosts.live import engine_of
from images.models import Registry
from images.references import HUB, BadReference, parse, registries_of


def check_registry(actor: Actor, host: str, text: str) -> None:
    """Raises Fenced where the image that ``text`` names is of a registry that is not allowed."""
    if words := refusal(actor, host, text):
        raise Fenced([("image", words)], [remedy("image", host, beyond=False)])


def refusal(actor: Actor, host: str, text: str, snapshot: Snapshot | None = None) -> str:
    """The rule that it breaks, in a sentence; "" where it breaks none. With ``snapshot`` ids are
    looked for in it alone."""
    allowed = allowed_on(actor, host)
    if allowed is None or not text:
        return ""
    try:
        named = named_by(snapshot or engine_of(host).mirror.snapshot, text)
    except BadReference as error:
        return error.message
    if not named or named & allowed:
        return ""
    words = _("%(registry)s is not a registry for this host: %(allowed)s.")
    shown = ", ".join(sorted(allowed)) or _("none is")
    return words % {"registry": ", ".join(sorted(named)), "allowed": shown}


def allowed_on(actor: Actor, host: str) -> frozenset[str] | None:
    """None: all. Where nobody listed any, Docker Hub and those that are set up here; a superuser
    may set up any, so they are not asked to."""
    if listed := book().policy(host).registries:
        return listed
    if actor.superuser:
        return None
    return frozenset(Registry.objects.values_list("address", flat=True)) | {HUB}


def named_by(snapshot: Snapshot, text: str) -> set[str]:
    """Its registries, none for an image without a name. Raises BadReference."""
    row = snapshot.find_image(text)
    if row is not None and row.id.startswith(text.removeprefix("sha256:")):
        return set(registries_of((*row.digests, *row.tags)))
    return {parse(text).registry}
