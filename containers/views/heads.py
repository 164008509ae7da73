"""The acts on many containers at once, and the heads of groups that hold some of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import eq

from django.template.loader import get_template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.targets import Target
from containers.columns import USUAL
from containers.listing import Group
from containers.views.kept import Kept
from web.request import Request

BULK_ACTS: tuple[tuple[str, Promise, str], ...] = (
    ("start", _("Start"), "player-play"),
    ("restart", _("Restart"), "refresh"),
    ("stop", _("Stop"), "player-stop"),
    ("kill", _("Kill…"), "bolt"),
    ("remove", _("Remove…"), "trash"),
)
# What the chips say meanwhile; of a signal nobody knows what comes of it.
PENDING: Mapping[str, Promise] = {
    "start": _("Starting…"),
    "stop": _("Stopping…"),
    "restart": _("Restarting…"),
    "remove": _("Removing…"),
}
GROUP_ACTS = (*BULK_ACTS[:3], BULK_ACTS[4])

_kept = Kept(2 * 2**20)  # some 1,500 heads


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the bulk bar or of a group; ``pending`` where it is done without a question."""

    url: str
    label: str | Promise
    icon: str
    danger: bool
    pending: str | Promise


def acts(request: Request, host: str, table: tuple[tuple[str, Promise, str], ...]) -> list[Act]:
    """Those that this actor may do here at all; each container is asked for again."""
    here = Target("host", host, host, host)
    return [
        Act(
            url=reverse(f"container-bulk-{verb}", args=[host]),
            label=label,
            icon=icon,
            danger=verb in ("kill", "remove"),
            pending=PENDING["start"] if verb == "start" else "",
        )
        for verb, label, icon in table
        if may(request.actor, f"container.{verb}", here)
    ]


class Heads:
    """The heads of one host's groups for one viewer; as with rows, the like-minded share them."""

    def __init__(self, request: Request, host: str, columns: int = len(USUAL)) -> None:
        self.acts = acts(request, host, GROUP_ACTS)
        self.span = columns + 3  # ticks, names, acts
        self.look = (host, get_language(), self.span, *(act.url for act in self.acts))
        self.template = get_template("containers/_group_head.html")

    def html(self, group: Group) -> SafeString:
        key = (group.name, *self.look)
        html = _kept.find(key, group.count, eq)
        if html is None:
            context = {"group": group, "group_acts": self.acts, "span": self.span}
            html = _kept.put(key, group.count, self.template.render(context))
        return html
