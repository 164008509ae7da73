"""What the fence allows on one host, and the most that a team may have there, as plain values.

They are read from what an administrator typed; a text that cannot be read allows nothing.
"""

import logging
import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from django.utils.translation import gettext as _

from access.models import FencePolicy, Quota

LOWEST_PORT, HIGHEST_PORT = 1024, 65535
# Where Linux takes a port from that nobody names.
RANDOM_PORTS = (32768, 60999)
_PORTS = re.compile(r"([0-9]{1,5})(?:\s*-\s*([0-9]{1,5}))?")
Span = tuple[int, int]
log = logging.getLogger("access")


@dataclass(frozen=True, slots=True)
class Policy:
    """``registries`` empty: Docker Hub and those that are set up here. ``addresses`` empty: any.

    ``ports`` are spans with both ends; ``beyond``: whether administrators may go beyond the fence.
    """

    registries: frozenset[str] = frozenset()
    ports: tuple[Span, ...] = ((LOWEST_PORT, HIGHEST_PORT),)
    addresses: frozenset[str] = frozenset()
    beyond: bool = False

    def covers(self, low: int, high: int) -> bool:
        """Whether one span holds all of these ports; none below 1024 is ever held."""
        return any(first <= low <= high <= last for first, last in self.ports if low >= LOWEST_PORT)

    @property
    def shown_ports(self) -> str:
        shown = (f"{low}-{high}" if low < high else str(low) for low, high in self.ports)
        return ", ".join(shown) or _("none")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a team may have on a host; None sets no limit. Bytes, billionths of a CPU."""

    containers: int | None = None
    nano_cpus: int | None = None
    memory: int | None = None
    nano_cpus_each: int = 10**9
    memory_each: int = 512 * 2**20
    volumes: int | None = None
    networks: int | None = None
    sockets: int | None = None
    shells: int | None = None
    transfers: int | None = None
    pulls: int | None = None


AS_NEW = Policy()  # of a host whose fence nobody has set
UNLIMITED = Limits()
CLOSED = Policy(frozenset(("none.invalid",)), (), frozenset(("none",)))


def policy_from(row: FencePolicy) -> Policy:
    try:
        return Policy(
            frozenset(words_of(row.registries)),
            spans_of(row.ports),
            frozenset(map(address_of, words_of(row.addresses))),
            row.beyond_fence,
        )
    except ValueError as error:
        log.error(
            "The fence's settings of %s cannot be read, all is closed: %s", row.host_id, error
        )
        return CLOSED


def limits_from(row: Quota) -> Limits:
    return Limits(
        containers=row.containers,
        nano_cpus=None if row.cpus is None else int(row.cpus * 10**9),
        memory=row.memory,
        nano_cpus_each=int(row.cpus_each * 10**9),
        memory_each=row.memory_each,
        volumes=row.volumes,
        networks=row.networks,
        sockets=row.sockets,
        shells=row.shells,
        transfers=row.transfers,
        pulls=row.pulls,
    )


def words_of(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def spans_of(text: str) -> tuple[Span, ...]:
    """``8000-8999, 9100``. Raises ValueError with a sentence."""
    return tuple(span_of(part.strip()) for part in re.split(r"[,\n]", text) if part.strip())


def span_of(text: str) -> Span:
    found = _PORTS.fullmatch(text)
    if found is None:
        raise ValueError(_("“%(text)s” is no port and no range: write 8000-8999.") % {"text": text})
    low, high = int(found[1]), int(found[2] or found[1])
    if not LOWEST_PORT <= low <= high <= HIGHEST_PORT:
        words = _("%(text)s: ports are from %(low)d to %(high)d, the smaller one first.")
        raise ValueError(words % {"text": text, "low": LOWEST_PORT, "high": HIGHEST_PORT})
    return low, high


def address_of(text: str) -> str:
    """An address in its one spelling, an IPv4 one within IPv6 as itself. Raises ValueError."""
    try:
        found = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise ValueError(_("“%(text)s” is not an address.") % {"text": text}) from None
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(inner or found)
