"""Rows as HTML: each is rendered once per change instead of once per viewer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.template.loader import get_template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from access.gate import those_of
from access.targets import ContainerTarget
from containers.columns import COLUMNS, SAYS, USUAL, Beside, words
from containers.views.kept import Kept
from containers.views.ports import port_links, public_name
from engine.types import ContainerRow
from web import fetch
from web.request import Request
from web.states import chip_of
from web.templatetags.face import icon, moment


@dataclass(frozen=True, slots=True)
class Act:
    """One control of a row: a link, a link whose answer opens in ``target``, or a POST."""

    verb: str
    below: str  # the address, under the container's
    word: str | Promise
    icon: str
    key: str = ""
    target: str = ""
    pending: str | Promise = ""
    css: str = "ib"

    @property
    def posts(self) -> bool:
        return bool(self.pending)

    @property
    def svg(self) -> SafeString:
        return icon_html(self.icon)


LOGS = Act("logs", "logs/", _("Logs"), "file-text", "l")
TERMINAL = Act("exec", "terminal/", _("Terminal"), "terminal-2", "t")
STOP = Act("stop", "stop/", _("Stop"), "player-stop", "s", "#row-menu")
START = Act("start", "start/", _("Start"), "player-play", "s", pending=_("Starting…"))
RESTART_CALM = Act("restart", "restart/", _("Restart"), "refresh", "r", pending=_("Restarting…"))
RESTART = Act("restart", "restart/", _("Restart"), "refresh", "r", "#row-menu")
REMOVE = Act("remove", "remove/", _("Remove"), "trash", "d", "#row-menu", css="ib d")
MORE = Act("see", "menu/", _("More"), "dots", target="#row-menu")
RIGHTS = tuple(
    f"container.{verb}" for verb in ("logs", "exec", "stop", "start", "restart", "remove", "see")
)

MOST_PORTS = 4  # the page of the container has all
_kept = Kept(24 * 2**20)  # some 8,000 rows


@cache
def icon_html(name: str) -> SafeString:
    return icon(name)


class Rows:
    """The rows of one host for one viewer. Those who may do the same and read the same language
    share one rendering: nothing else of a person may stand in a row."""

    def __init__(
        self,
        request: Request,
        host: str,
        columns: tuple[str, ...] = USUAL,
        around: Beside | None = None,
    ) -> None:
        self.actor, self.host, self.columns = request.actor, host, columns
        self.optional = [COLUMNS[key] for key in columns if key in SAYS]
        self.around = around or Beside(host)
        self.public = public_name(request, host)
        self.snapshot = fetch.sight(request, host)
        self.language = get_language()
        self.list_url = reverse("container-list", args=[host])
        self.template = get_template("containers/_row.html")

    def html(self, rows: Iterable[ContainerRow]) -> SafeString:
        return SafeString("".join(map(self.one, rows)))

    def one(self, row: ContainerRow) -> SafeString:
        target = ContainerTarget.of(self.host, row)
        allowed = those_of(self.actor, RIGHTS, target)
        newer = self.snapshot.newer_image(row) is not None
        more = tuple(words(column.key, row, self.around) for column in self.optional)
        key = (self.host, row.id, self.language, self.public, allowed, newer, self.columns, more)
        html = _kept.find(key, row, looks_same)
        if html is None:
            html = _kept.put(
                key, row, self.template.render(self.context(row, allowed, newer, more))
            )
        return html

    def context(
        self, row: ContainerRow, allowed: tuple[str, ...], newer: bool, more: tuple[str, ...]
    ) -> dict[str, Any]:
        ports = port_links(row.ports, self.public)
        shown = ports if len(ports) <= MOST_PORTS else ports[: MOST_PORTS - 1]
        return {
            "columns": self.columns,
            "more": list(zip(self.optional, more, strict=True)),
            "row": row,
            "newer": newer,
            "chip": chip_of(row),
            "base": f"{self.list_url}{row.id}/",
            "ports": shown,
            "more_ports": len(ports) - len(shown),
            "acts": [act for act in row_acts(row) if f"container.{act.verb}" in allowed],
            "since": since(row),
        }


def looks_same(old: ContainerRow, new: ContainerRow) -> bool:
    """An inspected row shows times of its own; its status text only grows old."""
    if old is new:
        return True
    return old == (replace(new, status=old.status) if new.inspected else new)


def row_acts(row: ContainerRow) -> Iterator[Act]:
    """The same order everywhere: logs, terminal, stop or start, restart or delete, the rest."""
    yield LOGS
    yield TERMINAL
    if row.running:
        yield STOP
        yield RESTART_CALM if is_calm(row) else RESTART
    else:
        yield START
        yield REMOVE
    yield MORE


def is_calm(row: ContainerRow) -> bool:
    """Whether a restart needs no question: it keeps nothing and nothing is wrong with it."""
    return not row.mounts and row.health != "unhealthy"


def since(row: ContainerRow) -> SafeString | str:
    if row.running and row.started_at:
        return moment(row.started_at, "for")
    if row.finished_at or row.state == "created":
        return moment(row.finished_at or row.created)
    return row.status
