"""What the address of the list of containers asks for."""

from dataclasses import dataclass

from containers.columns import chosen
from containers.query import Around, grammar, measures
from containers.whose import owners
from engine.types import ContainerRow
from web import fetch, lists
from web.request import Request


@dataclass(frozen=True)
class Asked(lists.Asked[ContainerRow]):
    """A ``sort:`` in the text wins over the address's own."""

    grouped: bool
    columns: tuple[str, ...]
    columns_text: str  # as the address names them; "" where it is the person's own choice

    @classmethod
    def of(cls, request: Request, host: str) -> "Asked":
        readings = fetch.known(host).meter.readings
        sight = fetch.sight(request, host)
        around = Around(host, sight, readings, owners(request.actor, host))
        parts = lists.asked_parts(request, host, grammar(around))
        parts["sort"] = parts["query"].only("sort") or parts["sort"]
        text = request.GET.get("columns", "")[:200]
        return cls(
            grouped=request.GET.get("group", "") != "none",
            columns=chosen(text or getattr(request.user, "columns", "")),
            columns_text=text,
            **parts,
        )

    @property
    def measures(self) -> bool:
        """Whether what the containers use now decides which rows stand where."""
        return measures(self.query, self.sort)

    @property
    def sorted_by_text(self) -> bool:
        return bool(self.query.only("sort"))

    @property
    def query_unsorted(self) -> str:
        return str(self.query.with_only("sort", ""))

    def parts(self) -> dict[str, str]:
        by_text = {"sort": ""} if self.sorted_by_text else {}
        own = {"group": "" if self.grouped else "none", "columns": self.columns_text}
        return super().parts() | by_text | own
