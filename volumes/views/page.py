"""What every page of one volume shows above its body."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.holders import holders_of, is_shared, team_names
from access.secrets import masked_pairs, masked_text
from access.targets import VolumeTarget
from engine.volume_rows import VolumeRow
from web import fetch
from web.request import Request
from web.tabs import tabs

RIGHTS = ("volume.remove", "volume.use", "container.files_read", "grant.manage")


def row_of(target: VolumeTarget) -> VolumeRow:
    assert target.row is not None
    return target.row


def address_of(host: str, name: str) -> str:
    """Empty for a name with a slash, which some drivers give."""
    try:
        return reverse("volume-detail", args=[host, name])
    except NoReverseMatch:
        return ""


def detail_url(target: VolumeTarget) -> str:
    return reverse("volume-detail", args=[target.host, target.id])


def page_context(request: Request, target: VolumeTarget, current: str) -> dict[str, Any]:
    """The context of ``volumes/detail.html``; ``current`` is the url name of the open tab."""
    row, base = row_of(target), detail_url(target)
    snapshot = fetch.sight(request, target.host)
    verbs = {right.partition(".")[2] for right in RIGHTS if may(request.actor, right, target)}
    parts = [
        ("volume-detail", base, _("Overview")),
        *([("volume-files", f"{base}files/", _("Files"))] if "files_read" in verbs else []),
        ("volume-inspect", f"{base}inspect/", _("Inspect")),
    ]
    measured = fetch.known(target.host).usage.last
    options = sorted(row.options.items())
    return {
        "host": target.host,
        "row": row,
        "base": base,
        "snapshot": snapshot,
        "users": snapshot.containers_of_volume(row.name),
        "size": measured.volume_sizes.get(row.name) if measured else None,
        "measured": measured,
        "teams": holders_of(request.actor, target.host, "volume", row.name, team_names()),
        "labels": masked_pairs(sorted(row.labels.items())),
        "options": [(name, masked_text(text)) for name, text in masked_pairs(options)],
        "shared": is_shared(target.host, "volume", row.name),
        "verbs": verbs,
        "tabs": tabs(parts, current),
    }
