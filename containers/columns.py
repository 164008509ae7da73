"""The columns of the list of containers: which there are, and what the optional ones say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.actors import Actor
from access.secrets import masked, masked_text
from access.sight import entries
from audit.models import Result
from engine.types import ContainerRow
from hosts.live import engine_of
from web.sizes import size_text

USUAL = ("state", "cpu", "mem", "ports", "since")
MOST_LABELS = 4
COMPOSE = "com.docker.compose."


@dataclass(frozen=True, slots=True)
class Column:
    """``css`` of its cells; ``sorts`` where its head sorts the list."""

    key: str
    label: Promise
    css: str = "opt"
    sorts: bool = False


COLUMNS = {
    column.key: column
    for column in (
        Column("state", _("State"), "st", True),
        Column("cpu", _("CPU"), "cpu", True),
        Column("mem", _("Memory"), "mem", True),
        Column("ports", _("Ports"), "prt", True),
        Column("since", _("Since"), "age", True),
        Column("host", _("Host")),
        Column("networks", _("Networks")),
        Column("ip", _("IP")),
        Column("restarts", _("Restarts"), "opt num"),
        Column("size", _("Size"), "opt num"),
        Column("id", _("ID"), "opt mono"),
        Column("command", _("Command"), "opt mono"),
        Column("labels", _("Labels"), "opt mono"),
        Column("by", _("Created by")),
    )
}


def chosen(text: str) -> tuple[str, ...]:
    """``state,ports`` as columns in their order; the usual ones where none of them is known."""
    words = set(text.split(","))
    return tuple(key for key in COLUMNS if key in words) or USUAL


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside rows and not in them: id → words."""

    host: str
    sizes: Mapping[str, str] = field(default_factory=dict)
    creators: Mapping[str, str] = field(default_factory=dict)


def beside(actor: Actor, host: str, columns: Iterable[str], rows: Iterable[ContainerRow]) -> Beside:
    """Sizes as they were measured last, creators as the person's part of the record has them. No
    call to the engine; a query where creators are asked for."""
    sizes = measured(host) if "size" in columns else {}
    creators = makers(actor, host, [row.id for row in rows]) if "by" in columns else {}
    return Beside(host, sizes, creators)


def measured(host: str) -> dict[str, str]:
    last = engine_of(host).usage.last
    rows = (last.usage.get("Containers") if last else None) or ()
    return {str(row["Id"]): size_text(int(row.get("SizeRw") or 0)) for row in rows}


def makers(actor: Actor, host: str, ids: list[str]) -> dict[str, str]:
    found = entries(actor).filter(
        host=host, event="container.create", result=Result.OK, object_id__in=ids
    )
    return dict(found.values_list("object_id", "user"))


def words(key: str, row: ContainerRow, around: Beside) -> str:
    """What an optional column says of a row."""
    return SAYS[key](row, around)


def labels(row: ContainerRow, around: Beside) -> str:
    own = [(name, text) for name, text in row.labels.items() if not name.startswith(COMPOSE)]
    told = [f"{name}={masked(name, text)}" for name, text in sorted(own)[:MOST_LABELS]]
    return ", ".join(told) + "…" * (len(own) > MOST_LABELS)


SAYS: Mapping[str, Callable[[ContainerRow, Beside], str]] = {
    "host": lambda row, around: around.host,
    "networks": lambda row, around: ", ".join(row.networks),
    "ip": lambda row, around: ", ".join(row.addresses),
    "restarts": lambda row, around: str(row.restart_count),
    "size": lambda row, around: around.sizes.get(row.id, ""),
    "id": lambda row, around: row.short_id,
    "command": lambda row, around: masked_text(row.command),
    "labels": labels,
    "by": lambda row, around: around.creators.get(row.id, ""),
}
