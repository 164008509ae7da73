"""Teams, grants and people for tests of the gate."""

from dataclasses import replace
from typing import Any

from django.test import Client
from django.utils import timezone

from access import step_up
from access.actors import Actor, hash_of_session
from access.models import FencePolicy, Grant, Login, Team, User
from hosts.models import Host


def dock(slug: str = "dock") -> Host:
    return Host.objects.get_or_create(slug=slug, defaults={"name": slug, "address": "unix:///x"})[0]


def team(slug: str, *members: User) -> Team:
    made, _new = Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    made.members.add(*members)
    return made


def user(name: str, **fields: Any) -> User:
    found = User.objects.filter(username=name).first()
    return found or User.objects.create_user(name, **fields)


def grant(to: Team, role: str = "viewer", host: str = "dock", **fields: Any) -> Grant:
    return Grant.objects.create(team=to, role=role, host=dock(host), **fields)


def actor(person: User) -> Actor:
    return Actor.of_user(User.objects.get(pk=person.pk))


def switch(on: bool) -> None:
    """Whether anybody may go beyond the fence of the host."""
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": on})


def login(name: str, proved: bool = True) -> tuple[Client, Actor]:
    """A browser that just logged in, and the actor of its login."""
    client = Client(headers={"accept": "text/html"})
    client.force_login(user(name))
    digest = hash_of_session(client.session.session_key)
    when = timezone.now() if proved else timezone.now() - 2 * step_up.LASTS
    if not Login.objects.filter(digest=digest).update(confirmed=when):
        Login.objects.create(
            digest=digest,
            user=user(name),
            session_id=client.session.session_key,
            confirmed=when,
        )
    return client, replace(actor(user(name)), session=digest)
