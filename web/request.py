"""The request as our views see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from access.actors import Actor
from access.models import User


class Request(HttpRequest):
    """A request that passed ``needs``: who acts, under which right, and whether it was checked."""

    user: User
    htmx: HtmxDetails
    actor: Actor
    right: str
    checked: bool
