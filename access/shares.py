"""A team's use beside its quota, host by host: for its page."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access import holdings, quotas
from access.at_once import under_way
from access.book import book
from access.models import Team


@dataclass(frozen=True, slots=True)
class Share:
    """``most`` is "" where there is no limit."""

    title: str
    used: str
    most: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class HostShares:
    host: str
    shares: tuple[Share, ...]


def of_team(team: Team) -> list[HostShares]:
    """On each host where it has a grant or a quota."""
    rows = [*team.grants.values_list("host__slug"), *team.quotas.values_list("host__slug")]
    hosts = sorted({str(slug) for (slug,) in rows})
    return [HostShares(host, tuple(shares(team.pk, host))) for host in hosts]


def shares(team_id: int, host: str) -> Iterator[Share]:
    limits, use = book().limits(team_id, host), quotas.use(team_id, host)
    titles = {"containers": _("containers"), "memory": _("memory"), "nano_cpus": _("CPUs")}
    for field, title in titles.items():
        yield share(field, title, getattr(use, field), getattr(limits, field))
    held = holdings.shown(team_id, host)
    for field, title in {"volumes": _("volumes"), "networks": _("networks")}.items():
        yield share(field, title, held[field], getattr(limits, field))
    now = {"sockets": _("connections"), "shells": _("terminals")}
    for field, title in (now | {"transfers": _("copies"), "pulls": _("pulls")}).items():
        if (most := getattr(limits, field)) is not None:
            yield share(field, title, under_way(team_id, host, field), most)


def share(field: str, title: str, used: int, most: int | None) -> Share:
    if most is None:
        return Share(title, quotas.shown(field, used))
    return Share(title, quotas.shown(field, used), quotas.shown(field, most), used >= most)
