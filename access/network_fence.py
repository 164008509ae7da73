"""The fence around networks: what one may be created with by someone who has not the whole host.

A bridge of the engine's own making is inside. Other drivers and all driver options reach the
host's interfaces. A subnet makes routes on the host, and what it covers is reached there no more:
so it is taken from what the engine gives out by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from django.utils.translation import gettext as _

from access.fence import Breach, Means, labels
from engine.network_plan import NetworkPlan

Pool = IPv4Network | IPv6Network
# Of an engine that nobody configured. It passes over what the host's routes cover, which nobody
# else can see from here: so what many clouds use (172.31) and most homes (192.168) is left out.
USUAL_POOLS = (
    *("172.17.0.0/16", "172.18.0.0/15", "172.20.0.0/14", "172.24.0.0/14"),
    *("172.28.0.0/15", "172.30.0.0/16"),
)
LARGEST = {4: 16, 6: 64}  # the shortest prefix: a larger one takes from everybody


def breaches(plan: NetworkPlan, info: Mapping[str, Any]) -> list[Breach]:
    """Every field outside the fence; ``info`` is the engine's ``/info``."""
    found = [Breach("subnets", reason) for reason in subnets(plan.subnets, list(pools(info)))]
    if plan.driver != "bridge":
        words = _("only bridge is inside the fence: “%(driver)s” may reach the host's own network.")
        found.append(Breach("driver", words % {"driver": plan.driver}))
    if plan.options:
        found.append(Breach("options", _("driver options are not for you to set.")))
    return [*found, *(Breach("labels", reason) for reason in labels(plan.labels, Means()))]


def pools(info: Mapping[str, Any]) -> Iterator[Pool]:
    """What the engine gives networks their subnets from (``default-address-pools``)."""
    told = [str(pool.get("Base") or "") for pool in info.get("DefaultAddressPools") or ()]
    for text in told or USUAL_POOLS:
        yield ip_network(text, strict=False)


def subnets(value: Iterable[str], allowed: list[Pool]) -> Iterator[str]:
    for text in value:
        subnet = ip_network(text, strict=False)
        if not any(within(subnet, pool) for pool in allowed):
            shown = ", ".join(map(str, allowed))
            words = _("%(subnet)s is outside what this engine gives out: %(pools)s.")
            yield words % {"subnet": text, "pools": shown}
        elif subnet.prefixlen < LARGEST[subnet.version]:
            told = {"subnet": text, "prefix": LARGEST[subnet.version]}
            yield _("%(subnet)s is too large: at most a /%(prefix)d.") % told


def within(subnet: Pool, pool: Pool) -> bool:
    return subnet.version == pool.version and subnet.subnet_of(pool)  # type: ignore[arg-type]
