"""What every page of one network shows above its body."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.holders import holders_of, is_shared, team_names
from access.secrets import masked_pairs
from access.targets import NetworkTarget
from engine.types import NetworkRow
from networks.usable import users_of
from web import fetch
from web.request import Request
from web.tabs import tabs

RIGHTS = ("network.remove", "container.connect", "container.disconnect", "grant.manage")


def row_of(target: NetworkTarget) -> NetworkRow:
    assert target.row is not None
    return target.row


def detail_url(target: NetworkTarget) -> str:
    return reverse("network-detail", args=[target.host, target.id])


def page_context(request: Request, target: NetworkTarget, current: str) -> dict[str, Any]:
    """The context of ``networks/detail.html``; ``current`` is the url name of the open tab."""
    row, base = row_of(target), detail_url(target)
    snapshot = fetch.sight(request, target.host)
    parts = (
        ("network-detail", base, _("Overview")),
        ("network-inspect", f"{base}inspect/", _("Inspect")),
    )
    return {
        "host": target.host,
        "row": row,
        "base": base,
        "snapshot": snapshot,
        "users": users_of(row, snapshot),
        "teams": holders_of(request.actor, target.host, "network", row.name, team_names()),
        "labels": masked_pairs(sorted(row.labels.items())),
        "options": masked_pairs(sorted(row.options.items())),
        "shared": is_shared(target.host, "network", row.name),
        "verbs": {right.partition(".")[2] for right in RIGHTS if may(request.actor, right, target)},
        "tabs": tabs(parts, current),
    }
