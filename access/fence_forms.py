"""Forms of a host's fence and of a team's quota."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from access.models import FencePolicy, Quota
from access.policy import address_of, spans_of, words_of
from images.references import BadReference
from images.references import address as registry_of

MIB = 2**20
LEAST_MEMORY = 6  # MiB: below it no engine makes a container
MOST_WORDS = 200


class FencePolicyForm(forms.ModelForm[FencePolicy]):
    """Each list in its one spelling; what cannot be read is refused with the word it is about."""

    class Meta:
        model = FencePolicy
        fields = ["registries", "ports", "addresses", "beyond_fence"]
        widgets = {
            "registries": forms.Textarea(attrs=PLAIN | {"rows": 3, "class": "mono"}),
            "ports": forms.TextInput(attrs=PLAIN | {"placeholder": "8000-8999, 9100"}),
            "addresses": forms.TextInput(attrs=PLAIN | {"placeholder": "127.0.0.1, ::1"}),
        }
        help_texts = {
            "registries": gettext_lazy(
                "Images come from and go to these only, for everybody: docker.io, ghcr.io,"
                " registry.example.org:5000. Empty: Docker Hub and the registries set up here; a"
                " superuser any."
            ),
            "ports": gettext_lazy(
                "What containers may publish, from 1024 on. Empty: none. A port that nobody names"
                " comes from 32768-60999, which has to be within them."
            ),
            "addresses": gettext_lazy(
                "What published ports may be bound to. Empty: any. Who names no address binds to"
                " 0.0.0.0 and ::, which both have to be here then."
            ),
            "beyond_fence": gettext_lazy(
                "Host admins and superusers may run what the fence refuses and enter containers"
                " that reach the host: that is root on it. They say why each time, and their"
                " password is asked for."
            ),
        }

    def clean_registries(self) -> str:
        return "\n".join(self.read("registries", registry_of))

    def clean_addresses(self) -> str:
        return ", ".join(self.read("addresses", address_of))

    def clean_ports(self) -> str:
        try:
            spans = spans_of(self.cleaned_data["ports"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return ", ".join(f"{low}-{high}" if low < high else str(low) for low, high in spans)

    def read(self, field: str, judge: Callable[[str], str]) -> Iterable[str]:
        words = words_of(self.cleaned_data[field])
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(_("At most %(most)d of them.") % {"most": MOST_WORDS})
        try:
            return dict.fromkeys(map(judge, words))
        except BadReference as error:
            raise forms.ValidationError(error.message) from error
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class MebibyteField(forms.IntegerField):
    """Shown in MiB, kept in bytes."""

    def prepare_value(self, value: Any) -> Any:
        return value // MIB if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        found = super().clean(value)
        return None if found is None else found * MIB


class QuotaForm(forms.ModelForm[Quota]):
    """An empty field sets no limit."""

    memory = MebibyteField(
        label=gettext_lazy("Memory, MiB"),
        min_value=LEAST_MEMORY,
        max_value=2**40,
        required=False,
        help_text=gettext_lazy("The sum of its containers' limits, stopped ones too."),
    )
    memory_each = MebibyteField(
        label=gettext_lazy("Memory of a container without a limit, MiB"),
        min_value=LEAST_MEMORY,
        max_value=2**40,
        help_text=gettext_lazy("It is made with this limit, where the team has one."),
    )

    class Meta:
        model = Quota
        fields = [
            *("containers", "memory", "memory_each", "cpus", "cpus_each"),
            *("volumes", "networks", "sockets", "shells", "transfers", "pulls"),
        ]
        help_texts = {
            "containers": gettext_lazy("That belong to the team, stopped ones too."),
            "cpus": gettext_lazy("The sum of its containers' limits, stopped ones too."),
            "cpus_each": gettext_lazy("It is made with this limit, where the team has one."),
            "volumes": gettext_lazy("That the team holds; not those without a name."),
            "networks": gettext_lazy("That the team holds."),
            "sockets": gettext_lazy("Open logs and terminals of its members, at a time."),
        }

    def clean_cpus_each(self) -> Any:
        cpus = self.cleaned_data["cpus_each"]
        if cpus <= 0:
            raise forms.ValidationError(_("More than 0."))
        return cpus
