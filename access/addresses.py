"""Where a request really comes from: past the proxies that the operator trusts, and no others."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from itertools import chain

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def is_trusted(address: str, proxies: Iterable[Network]) -> bool:
    found = address_of(address)
    return found is not None and any(found in network for network in proxies)


def client_of(peer: str, forwarded: Iterable[str], proxies: Iterable[Network]) -> str:
    """The client's address. ``forwarded`` are the values of X-Forwarded-For, in their order.

    Each proxy adds at the right whom it saw, so it is read from there, and only as long as a
    trusted proxy speaks: what stands further left anybody may have written.
    """
    known = tuple(proxies)
    steps = list(chain.from_iterable(value.split(",") for value in forwarded))
    client = peer
    while steps and is_trusted(client, known):
        step = address_of(without_port(steps.pop().strip()))
        if step is None:
            break
        client = str(step)
    return client


def without_port(text: str) -> str:
    """``192.0.2.1:443`` and ``[2001:db8::1]:443`` as some proxies write them."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def address_of(text: str) -> Address | None:
    """An IPv4 address that came as IPv6 is the IPv4 address. None where it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def networks_of(names: Iterable[str]) -> tuple[Network, ...]:
    """``10.0.0.0/8`` or single addresses. Raises ValueError with the one that is none."""
    found = []
    for name in names:
        try:
            found.append(ip_network(name))
        except ValueError as error:
            raise ValueError(f"{name!r} is no address and no network like 10.0.0.0/8") from error
    return tuple(found)
