"""Teams, grants and people for tests of the gate."""

from typing import Any

from access.actors import Actor
from access.models import Grant, Team, User
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
