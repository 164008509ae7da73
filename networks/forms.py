"""Forms of networks: a new one, who joins it, whose it is."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine.errors import EngineError
from engine.network_plan import NetworkPlan
from engine.specs import ContainerSpec, NetworkSpec
from engine.types import NetworkRow
from web.plan_forms import HoldersForm, PlanForm, lines, pairs, reason, split, text
from web.wording import worded

_ALIAS = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}")
Choices = Iterable[tuple[str, str]]


class NetworkForm(PlanForm):
    """A new network."""

    name = text(gettext_lazy("Name"), "shop-backend", required=True, max_length=200)
    internal = forms.BooleanField(
        label=gettext_lazy("Internal"),
        help_text=gettext_lazy("Its containers reach each other and nothing else."),
        required=False,
    )
    ipv6 = forms.BooleanField(label=gettext_lazy("IPv6"), required=False)
    subnets = lines(
        gettext_lazy("Subnets"),
        "172.28.5.0/24",
        gettext_lazy("One a line. Without one the engine chooses."),
    )
    driver = text(gettext_lazy("Driver"), "bridge")
    options = lines(gettext_lazy("Driver options"), "name=value")
    beyond_fence = reason(
        gettext_lazy("For other drivers, driver options and other subnets. Recorded.")
    )
    field_order = ("name", "internal", "ipv6", "subnets")

    @property
    def plan(self) -> NetworkPlan:
        said = self.cleaned_data
        return NetworkPlan(
            name=said["name"],
            driver=said.get("driver") or "bridge",
            internal=said["internal"],
            ipv6=said["ipv6"],
            subnets=tuple(split(said["subnets"])),
            labels=pairs(said["labels"]),
            options=pairs(said.get("options", "")),
        )

    def is_of_name(self, error: EngineError) -> bool:
        return "already exists" in error.message


class EndpointForm(forms.Form):
    """How a container is known in a network that it joins; ``wanted`` is of a valid form."""

    aliases = text(
        gettext_lazy("Further names there"),
        "db, database",
        gettext_lazy("Others in the network reach it by these, beside its own name."),
    )
    ip = text(
        gettext_lazy("IPv4 address"),
        "172.28.5.10",
        gettext_lazy("Of a subnet that was chosen by hand; without one the engine chooses."),
    )
    ip6 = text(gettext_lazy("IPv6 address"))

    def __init__(self, data: Any, choices: Choices, initial: Any = None) -> None:
        super().__init__(data, auto_id="join-%s", initial=initial)
        for name in ("container", "network"):
            if name in self.fields:
                self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def clean_aliases(self) -> tuple[str, ...]:
        names = tuple(re.split(r"[,\s]+", self.cleaned_data["aliases"].strip(", ")))
        if wrong := [name for name in names if name and not _ALIAS.fullmatch(name)]:
            words = _("“%(name)s” is no name: letters, digits, _ . and - only.")
            raise forms.ValidationError(words % {"name": wrong[0]})
        return tuple(filter(None, names))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in ("ip", "ip6"):
            spec = ContainerSpec("x", networks=(NetworkSpec("", ip=cleaned.get(field, "")),))
            for problem in spec.problems():
                self.add_error(field, worded(problem.sentence))
        return cleaned

    @property
    def wanted(self) -> NetworkSpec:
        said = self.cleaned_data
        return NetworkSpec("", said["aliases"], said["ip"], said["ip6"])


class JoinForm(EndpointForm):
    """A container comes into this network."""

    container = forms.ChoiceField(label=gettext_lazy("Container"))
    field_order = ("container",)


class ConnectForm(EndpointForm):
    """This container comes into a network."""

    network = forms.ChoiceField(label=gettext_lazy("Network"))
    field_order = ("network",)


class NetworkHoldersForm(HoldersForm):
    shared = forms.BooleanField(
        label=gettext_lazy("Shared"),
        help_text=gettext_lazy("Everybody who has a grant on this host may join it."),
        required=False,
    )


def named(rows: Iterable[NetworkRow]) -> list[tuple[str, str]]:
    return [(row.id, row.name) for row in rows]
