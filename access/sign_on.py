"""A person whom a sign-on service vouches for: their account here, and what their groups give.

An account is known by who vouches and the lasting id that it gives, never by a name or an e-mail,
which people choose. A first sign-on makes an account without any right. Each one brings what the
groups give up to date: memberships and the superuser's flag that groups gave go when they go;
what was given by hand stays.
"""

import re
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from access import door, sessions, step_up
from access.actors import Actor
from access.errors import Denied
from access.identities import KEPT, Person
from access.models import GroupMember, Identity, Team, User
from access.targets import Target
from audit.models import Result

BACKEND = "django.contrib.auth.backends.ModelBackend"
LEEWAY_SECONDS = 60  # two clocks
NOT_IN_NAMES = re.compile(r"[^\w.@+-]+")


def enter(request: HttpRequest, person: Person) -> User:
    """Log this person in, with a session of their own. Raises Denied, which is recorded."""
    try:
        user = account_of(request, person)
    except Denied as denied:
        refuse(request, person, denied.message)
        raise
    login(request, user, BACKEND)
    request.session[KEPT] = person.kept()
    if just_proved(person):
        step_up.confirm(request)
    with sessions.only_recorded(request):
        note(request, "session.login", user, source=person.source, subject=person.subject)
    return user


def confirm(request: HttpRequest, person: Person) -> None:
    """Who is logged in has proved once more who they are. Raises Denied."""
    own = Identity.objects.filter(source=person.source, subject=person.subject)
    if not request.user.is_authenticated or not own.filter(user=request.user).exists():
        raise Denied(_("Somebody else signed on there than is logged in here."))
    if not just_proved(person):
        raise Denied(_("The sign-on service does not say that it asked again who you are."))
    step_up.confirm(request)
    note(request, "session.step_up", request.user, source=person.source)


def just_proved(person: Person) -> bool:
    return 0 <= time.time() - person.proved + LEEWAY_SECONDS < step_up.LASTS.total_seconds()


def refuse(request: HttpRequest, person: Person, reason: str) -> None:
    door.note(
        Actor.of_request(request),
        "session.login",
        Target("user", person.subject, person.name),
        Result.DENIED,
        reason=reason,
        parameters={"source": person.source, "subject": person.subject},
    )


def account_of(request: HttpRequest, person: Person) -> User:
    """Whose identity this is, made where it is new, and brought up to date."""
    try:
        with transaction.atomic():
            return known_or_new(request, person)
    except IntegrityError:  # the same person's first two requests at once
        with transaction.atomic():
            return known_or_new(request, person)


def known_or_new(request: HttpRequest, person: Person) -> User:
    query = Identity.objects.select_related("user")
    identity = query.filter(source=person.source, subject=person.subject).first()
    if identity is None:
        identity = made(request, person)
    if not identity.user.is_active:
        raise Denied(_("This account is disabled. An administrator can enable it again."))
    bring_up_to_date(request, identity, person.groups)
    return identity.user


def made(request: HttpRequest, person: Person) -> Identity:
    name = NOT_IN_NAMES.sub("-", person.name).strip("-")[:150]
    if not name:
        raise Denied(_("The sign-on service gives no name that an account could have."))
    if User.objects.filter(username__iexact=name).exists():
        words = _(
            "There is an account “%(name)s” here already, and it is not known to be yours."
            " An administrator can connect it with your sign-on."
        )
        raise Denied(words % {"name": name})
    user = User(username=name)
    user.set_unusable_password()
    user.save()
    note(request, "user.create", user, source=person.source, subject=person.subject)
    return Identity.objects.create(user=user, source=person.source, subject=person.subject)


def bring_up_to_date(request: HttpRequest, identity: Identity, groups: frozenset[str]) -> None:
    """What the groups give and take: recorded where it changes anything."""
    user = identity.user
    was = standing(user)
    teams_by_groups(user, groups)
    superuser_by_group(identity, groups)
    now = standing(user)
    if was != now:
        note(request, "session.groups", user, was=was, now=now, groups=sorted(groups)[:100])


def teams_by_groups(user: User, groups: frozenset[str]) -> None:
    wanted = set(Team.objects.filter(group__in=groups).exclude(group=""))
    given = GroupMember.objects.filter(user=user).select_related("team")
    for row in given:
        if row.team not in wanted:
            row.team.members.remove(user)
            row.delete()
    members = set(user.teams.all())
    for team in wanted - members:
        team.members.add(user)
        GroupMember.objects.get_or_create(team=team, user=user)


def superuser_by_group(identity: Identity, groups: frozenset[str]) -> None:
    user = identity.user
    entitled = bool(settings.SUPERUSER_GROUP) and settings.SUPERUSER_GROUP in groups
    if entitled and not user.is_superuser:
        user.is_superuser = identity.superuser = True
    elif identity.superuser and not entitled:
        user.is_superuser = identity.superuser = False
    else:
        return
    user.save(update_fields=["is_superuser"])
    identity.save(update_fields=["superuser"])


def standing(user: User) -> dict[str, Any]:
    teams = user.teams.values_list("slug", flat=True)
    return {"teams": sorted(teams), "superuser": user.is_superuser}


def note(request: HttpRequest, event: str, user: User, **parameters: Any) -> None:
    target = Target("user", user.username, user.username)
    door.note(Actor.of_request(request), event, target, parameters=parameters)
