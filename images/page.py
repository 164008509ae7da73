"""What every page of one image shows above its body, from the mirror alone."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.targets import ImageTarget
from images import saving
from images.listing import name_of, reference_of
from web import fetch
from web.request import Request
from web.tabs import tabs

VERBS = ("tag", "remove", "push", "save", "files_read")


def page_context(request: Request, target: ImageTarget, current: str) -> dict[str, Any]:
    """The context of ``images/detail.html``; ``current`` is the url name of the open tab."""
    row = target.row
    assert row is not None
    snapshot = fetch.sight(request, target.host)
    base = reverse("image-detail", args=[target.host, target.id])
    verbs = {verb for verb in VERBS if may(request.actor, f"image.{verb}", target)}
    parts = [
        ("image-detail", base, _("Overview")),
        *([("image-files", f"{base}files/", _("Files"))] if "files_read" in verbs else []),
        ("image-inspect", f"{base}inspect/", _("Inspect")),
    ]
    return {
        "host": target.host,
        "row": row,
        "name": name_of(row) or row.short_id,
        "reference": reference_of(row),
        "base": base,
        "snapshot": snapshot,
        "users": snapshot.containers_of_image(row.id),
        "verbs": verbs,
        "save_line": saving.command_line([target]),
        "tabs": tabs(parts, current),
    }
