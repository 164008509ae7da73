"""Published ports as links."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.types import PortBinding
from hosts.live import engine_of
from web.request import Request

HTTPS_PORTS = (443, 8443)
ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True, slots=True)
class PortLink:
    """A published port as a link; ``url`` is "" where a browser could not open it."""

    text: str
    container: str
    url: str = ""


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
