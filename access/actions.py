"""The only door to a change of people, teams and grants: old and new are recorded."""

from typing import Any

from access import beyond, door
from access.actors import Actor
from access.models import FencePolicy, Grant, GroupMember, Quota, Team, User
from access.targets import Target

Values = dict[str, Any]


def team_values(team: Team) -> Values:
    members = sorted(team.members.values_list("username", flat=True))
    return {
        "slug": team.slug,
        "name": team.name,
        "prefix": team.image_prefix,
        "group": team.group,
        "members": members,
    }


def grant_values(grant: Grant) -> Values:
    return {
        "team": grant.team.slug,
        "host": grant.host_id,
        "role": grant.role,
        "selector": grant.selector,
        "value": grant.value,
        "extras": sorted(grant.extras),
        "until": grant.until.isoformat() if grant.until else None,
    }


def person_values(user: User) -> Values:
    return {
        "active": user.is_active,
        "superuser": user.is_superuser,
        "auditor": user.auditor,
    }


def save_team(actor: Actor, team: Team, members: list[User]) -> None:
    was = team_values(Team.objects.get(pk=team.pk)) if team.pk else {}
    now = {
        "slug": team.slug,
        "name": team.name,
        "prefix": team.image_prefix,
        "group": team.group,
        "members": sorted(user.username for user in members),
    }
    target = Target("team", team.slug, team.name)
    with door.change(actor, "team.manage", target, was=was, now=now):
        team.save()
        team.members.set(members)
        if was and was["group"] != team.group:
            end_group(team)


def end_group(team: Team) -> None:
    """Another group stands for the team: whom the old one made a member is none any more."""
    given = GroupMember.objects.filter(team=team)
    team.members.remove(*given.values_list("user_id", flat=True))
    given.delete()


def remove_team(actor: Actor, team: Team) -> None:
    """Its grants end with it; its containers belong to nobody then."""
    target = Target("team", team.slug, team.name)
    with door.change(actor, "team.manage", target, was=team_values(team), now=None):
        team.delete()


def save_grant(actor: Actor, grant: Grant) -> None:
    was = grant_values(Grant.objects.get(pk=grant.pk)) if grant.pk else {}
    now = grant_values(grant)
    with door.change(actor, "grant.manage", target_of(grant), was=was, now=now) as outcome:
        grant.save()
        outcome.fields["object_id"] = str(grant.pk)


def end_grant(actor: Actor, grant: Grant) -> None:
    with door.change(actor, "grant.manage", target_of(grant), was=grant_values(grant), now=None):
        grant.delete()


def target_of(grant: Grant) -> Target:
    return Target("grant", str(grant.pk or ""), f"{grant.team.slug}: {grant.role}", grant.host_id)


def save_person(actor: Actor, user: User) -> None:
    stored = User.objects.filter(pk=user.pk).first()
    was = person_values(stored) if stored else {}
    target = Target("user", user.username, user.username)
    with door.change(actor, "user.manage", target, was=was, now=person_values(user)):
        user.save()


def fence_values(policy: FencePolicy) -> Values:
    return {
        "registries": policy.registries.split(),
        "ports": policy.ports,
        "addresses": policy.addresses,
        "beyond_fence": policy.beyond_fence,
    }


def save_fence(actor: Actor, policy: FencePolicy) -> None:
    """From now on this holds on its host, also for what is beyond the fence already."""
    stored = FencePolicy.objects.filter(host=policy.host).first() or FencePolicy(host=policy.host)
    was, now, slug = fence_values(stored), fence_values(policy), policy.host_id
    target = Target("host", slug, slug, slug)
    with door.change(actor, "host.manage", target, was=was, now=now):
        policy.save()
    if not policy.beyond_fence:
        beyond.passes.end(slug)


def quota_values(quota: Quota) -> Values:
    """No floats in the record: CPUs as they are written."""
    sums = ("containers", "memory", "memory_each", "volumes", "networks")
    at_a_time = ("sockets", "shells", "transfers", "pulls")
    cpus = {name: getattr(quota, name) for name in ("cpus", "cpus_each")}
    return {
        "host": quota.host_id,
        **{name: getattr(quota, name) for name in (*sums, *at_a_time)},
        **{name: None if value is None else str(value) for name, value in cpus.items()},
    }


def save_quota(actor: Actor, quota: Quota) -> None:
    stored = Quota.objects.filter(pk=quota.pk).first() if quota.pk else None
    was = quota_values(stored) if stored else None
    target = Target("team", quota.team.slug, quota.team.name)
    with door.change(actor, "team.manage", target, was=was, now=quota_values(quota)):
        quota.save()


def end_quota(actor: Actor, quota: Quota) -> None:
    target = Target("team", quota.team.slug, quota.team.name)
    with door.change(actor, "team.manage", target, was=quota_values(quota), now=None):
        quota.delete()
