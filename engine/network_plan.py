"""``NetworkPlan``: everything a network can be created with here, and nothing else. Pure.

An allow-list, as ``ContainerSpec`` is: form and API produce one, the fence judges it field by
field, ``to_body`` is the only way from it to the engine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from engine.sentences import Sentence, gettext_noop
from engine.spec_problems import Problem
from engine.spec_values import Pairs
from engine.types import PREDEFINED_NETWORKS

LONGEST_NAME = 200
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_ID = re.compile(r"[0-9a-f]{64}")  # the engine would take such a name for that network's id


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """One field for each option of ``docker network create``, named as the option is.

    ``subnets`` are like ``172.28.5.0/24``; without one the engine chooses.
    """

    name: str
    driver: str = "bridge"
    internal: bool = False
    ipv6: bool = False
    subnets: tuple[str, ...] = ()
    labels: Pairs = ()
    options: Pairs = ()

    def to_body(self) -> dict[str, Any]:
        """The body of ``POST /networks/create``."""
        body: dict[str, Any] = {
            "Name": self.name,
            "CheckDuplicate": True,  # an older engine makes two of one name
            "Driver": self.driver,
            "Internal": self.internal,
            "EnableIPv6": self.ipv6,
            "Labels": dict(self.labels),
            "Options": dict(self.options),
        }
        if self.subnets:
            body["IPAM"] = {"Config": [{"Subnet": subnet} for subnet in self.subnets]}
        return body

    def words(self) -> list[str]:
        """What stands behind ``docker network create``."""
        return [
            *([f"--driver={self.driver}"] if self.driver != "bridge" else []),
            *(["--internal"] if self.internal else []),
            *(["--ipv6"] if self.ipv6 else []),
            *(f"--subnet={subnet}" for subnet in self.subnets),
            *(f"--label={name}={value}" for name, value in self.labels),
            *(f"--opt={name}={value}" for name, value in self.options),
            self.name,
        ]

    def problems(self) -> list[Problem]:
        """What the engine would refuse, or do other than meant; each names its field."""
        return [*self._name(), *self._subnets(), *self._pairs()]

    def _name(self) -> Iterator[Problem]:
        if not _NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            text = gettext_noop(
                "A name has letters, digits, _ . or - and begins with a letter or digit."
            )
            yield Problem("name", Sentence(text))
        elif _ID.fullmatch(self.name):
            text = gettext_noop("This name looks like the id of a network: choose another.")
            yield Problem("name", Sentence(text))
        elif self.name.lower() in (*PREDEFINED_NETWORKS, "default"):
            text = gettext_noop("%(name)s is a network of the engine's own: choose another name.")
            yield Problem("name", Sentence(text, {"name": self.name}))

    def _subnets(self) -> Iterator[Problem]:
        for subnet in self.subnets:
            try:
                version = ip_network(subnet).version if "/" in subnet else 0
            except ValueError:
                version = 0
            if not version:
                text = gettext_noop("“%(value)s” is not a subnet: write 172.28.5.0/24.")
                yield Problem("subnets", Sentence(text, {"value": subnet}))
            elif version == 6 and not self.ipv6:
                text = gettext_noop("%(value)s is of IPv6: switch IPv6 on, too.")
                yield Problem("subnets", Sentence(text, {"value": subnet}))

    def _pairs(self) -> Iterator[Problem]:
        for field, pairs in (("labels", self.labels), ("options", self.options)):
            if any(not name for name, _value in pairs):
                text = gettext_noop("Each needs a name: write name=value.")
                yield Problem(field, Sentence(text))
