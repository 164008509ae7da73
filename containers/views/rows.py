"""One row as HTML, rendered once per change instead of once per viewer."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from access.targets import ContainerTarget
from containers.attention import chip_of
from containers.views.page import verbs
from engine.types import ContainerRow, PortBinding
from hosts.live import engine_of
from web.request import Request

MOST = 20_000
HTTPS_PORTS = (443, 8443)
ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104

_kept: dict[tuple[Any, ...], tuple[ContainerRow, SafeString]] = {}


@dataclass(frozen=True, slots=True)
class PortLink:
    """A published port as a link; ``url`` is "" where a browser could not open it."""

    text: str
    container: str
    url: str = ""


def row_html(request: Request, host: str, row: ContainerRow) -> SafeString:
    """The row's HTML for this viewer: kept by what the row looks like, language and verbs."""
    allowed = verbs(request, ContainerTarget.of(host, row))
    public = public_name(request, host)
    key = (host, row.id, get_language(), public, allowed)
    kept = _kept.get(key)
    if kept is not None and looks_same(kept[0], row):
        return kept[1]
    if len(_kept) >= MOST:
        _kept.clear()
    context = row_context(host, row, public, allowed)
    html = SafeString(render_to_string("containers/_row.html", context))
    _kept[key] = (row, html)
    return html


def looks_same(old: ContainerRow, new: ContainerRow) -> bool:
    """An inspected row shows times of its own; its status text only grows old."""
    if old is new:
        return True
    return old == (replace(new, status=old.status) if new.inspected else new)


def row_context(
    host: str, row: ContainerRow, public: str, allowed: frozenset[str]
) -> dict[str, Any]:
    return {
        "row": row,
        "chip": chip_of(row),
        "base": reverse("container-detail", args=[host, row.id]),
        "ports": port_links(row.ports, public),
        "verbs": allowed,
        "calm": not row.mounts and row.health != "unhealthy",
    }


def public_name(request: Request, host: str) -> str:
    """The name that links to published ports use: the host's own, else the one this page uses."""
    own = str(getattr(engine_of(host), "public_name", ""))
    return own or urlsplit(f"//{request.get_host()}").hostname or ""


def port_links(ports: tuple[PortBinding, ...], public: str) -> list[PortLink]:
    """Published ports, IPv4 and IPv6 folded into one; then what is only exposed."""
    links: dict[tuple[int | None, int, str], PortLink] = {}
    for port in ports:
        key = (port.host_port, port.container_port, port.protocol)
        links.setdefault(key, port_link(port, public))
    return sorted(links.values(), key=lambda link: not link.url)


def port_link(port: PortBinding, public: str) -> PortLink:
    inside = str(port.container_port) + ("" if port.protocol == "tcp" else f"/{port.protocol}")
    if port.host_port is None:
        return PortLink("", inside)
    name = public if port.host_ip in ANY_ADDRESS else port.host_ip
    host = f"[{name}]" if ":" in name else name
    scheme = "https" if {port.container_port, port.host_port} & set(HTTPS_PORTS) else "http"
    url = f"{scheme}://{host}:{port.host_port}/" if port.protocol == "tcp" and host else ""
    return PortLink(str(port.host_port), inside, url)
