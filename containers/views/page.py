"""What every page of one container shows above its body, from the mirror alone."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access import beyond
from access.dangers import dangers
from access.gate import may
from access.targets import ContainerTarget
from containers.views.rows import is_calm
from web import fetch
from web.request import Request
from web.states import chip_of
from web.tabs import tabs

TABS: tuple[tuple[str, str, Promise, str], ...] = (
    ("container-detail", "", _("Overview"), "container.see"),
    ("container-logs", "logs/", _("Logs"), "container.logs"),
    ("container-terminal", "terminal/", _("Terminal"), "container.exec"),
    ("container-attach", "attach/", _("Attach"), "container.attach"),
    ("container-files", "files/", _("Files"), "container.files_read"),
    ("container-changes", "changes/", _("Changes"), "container.see"),
    ("container-stats", "stats/", _("Stats"), "container.see"),
    ("container-inspect", "inspect/", _("Inspect"), "container.see"),
    ("container-access", "access/", _("Access"), "user.see"),
)
VERBS = (
    "start",
    "stop",
    "restart",
    "pause",
    "unpause",
    "kill",
    "rename",
    "update",
    "connect",
    "disconnect",
    "remove",
    "logs",
    "exec",
    "files_read",
    "files_write",
    "export",
    "commit",
    "create",
    "duplicate",
    "edit",
    "recreate",
    "reveal_env",
)


def page_context(request: Request, target: ContainerTarget, current: str) -> dict[str, Any]:
    """The context of ``containers/detail.html``; ``current`` is the url name of the open tab."""
    row = target.row
    assert row is not None
    base = reverse("container-detail", args=[target.host, target.id])
    return {
        "host": target.host,
        "target": target,
        "row": row,
        "chip": chip_of(row),
        "base": base,
        "snapshot": (snapshot := fetch.sight(request, target.host)),
        "newer": snapshot.newer_image(row),
        "verbs": verbs(request, target),
        "calm": is_calm(row),
        "dangers": dangers(row) if row.dangers is not None else (),
        **beyond_context(request, target),
        "tabs": tabs(
            (
                (name, base + below, label)
                for name, below, label, right in TABS
                if may(request.actor, right, target)
            ),
            current,
        ),
    }


def beyond_context(request: Request, target: ContainerTarget) -> dict[str, Any]:
    """Whether the person may go beyond the fence of it, and why they have."""
    open_to = may(request.actor, beyond.RIGHT, target)
    reason = beyond.passes.reason(request.actor, target.host, target.id) if open_to else ""
    return {"may_go_beyond": open_to, "gone_beyond": reason}


def verbs(request: Request, target: ContainerTarget) -> frozenset[str]:
    """What this actor may do with it: ``stop``, ``logs``, …"""
    return frozenset(verb for verb in VERBS if may(request.actor, f"container.{verb}", target))
