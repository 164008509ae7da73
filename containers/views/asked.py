"""What the address of the list asks for."""

from dataclasses import dataclass
from urllib.parse import urlencode

from containers.listing import PAGE
from containers.query import Query, parse
from web.request import Request

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; each part stands in the address only where it says something."""

    host: str
    text: str
    query: Query
    sort: str
    grouped: bool
    page: int
    pages: int  # 0: only ``page``; else all pages up to this one, for a refresh

    @classmethod
    def of(cls, request: Request, host: str) -> "Asked":
        text = request.GET.get("q", "").strip()[:1000]
        return cls(
            host=host,
            text=text,
            query=parse(text),
            sort=request.GET.get("sort", "name"),
            grouped=request.GET.get("group", "") != "none",
            page=number(request, "page", 1),
            pages=number(request, "pages", 0),
        )

    @property
    def first(self) -> int:
        return 0 if self.pages else (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        return (self.pages or self.page) * PAGE

    def address(self, **changed: str) -> str:
        """``?…`` with these parts changed."""
        parts = {
            "q": self.text,
            "sort": "" if self.sort == "name" else self.sort,
            "group": "" if self.grouped else "none",
            **changed,
        }
        return "?" + urlencode({name: value for name, value in parts.items() if value})


def number(request: Request, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return min(MOST_PAGES, max(default, int(text))) if text.isdecimal() else default
