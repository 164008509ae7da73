"""An image that a job made or fetched: for whom, whose it is then, and where its result leads."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from access import ownership
from access.actors import Actor
from access.models import User
from engine.engine import Engine
from engine.errors import NotFound, Refused
from jobs.kinds import Link, Params


def actor_of(user_id: str) -> Actor:
    """Who asked for it, with the rights of now. Raises Refused where nobody is there any more."""
    person = User.objects.filter(pk=user_id or 0).first()
    if person is None:
        raise Refused(_("Whoever asked for this is not there any more."))
    return Actor.of_user(person)


def image_called(engine: Engine, name: str) -> str:
    """The id of the image that has this name, "" for none: the engine knows, not the mirror."""
    try:
        return engine.commands.image(name).id
    except NotFound:
        return ""


def settle_image(
    host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]
) -> None:
    """The image belongs to ``params["team"]``; or, without one, to whoever asked for it."""
    if result.get("image_id"):
        user_id = user_ids[0] if user_ids else None
        ownership.holds_image(host, result["image_id"], user_id, params.get("team"))


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    if not (image_id := result.get("image_id")):
        return []
    return [(reverse("image-detail", args=[host, image_id]), _("Open the image"))]
