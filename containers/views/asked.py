"""What the address of the list of containers asks for."""

from dataclasses import dataclass

from containers.query import grammar
from engine.types import ContainerRow
from web import fetch, lists
from web.request import Request


@dataclass(frozen=True)
class Asked(lists.Asked[ContainerRow]):
    grouped: bool

    @classmethod
    def of(cls, request: Request, host: str) -> "Asked":
        grouped = request.GET.get("group", "") != "none"
        return cls(
            grouped=grouped, **lists.asked_parts(request, host, grammar(fetch.sight(request, host)))
        )

    def parts(self) -> dict[str, str]:
        return super().parts() | {"group": "" if self.grouped else "none"}
