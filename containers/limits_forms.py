"""The form of ``docker update``: what one leaves as it is does not change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from containers.run_fields import FlagField
from containers.run_form import RESTARTS
from containers.verb_forms import VerbForm
from engine.specs import ContainerSpec, RestartPolicy
from engine.types import ContainerRow
from engine.update import STAYS, Update
from web.wording import worded

LIMITS = ("memory", "memory_swap", "nano_cpus", "cpu_shares", "pids_limit")


class UpdateForm(VerbForm):
    """Made with what the container has ``now``; ``changes`` are those of a valid form."""

    memory = FlagField("memory", 0, "512m", label=gettext_lazy("Memory limit"))
    memory_swap = FlagField(
        "memory-swap",
        0,
        "1g",
        label=gettext_lazy("Memory and swap together"),
        help_text=gettext_lazy("-1 sets no limit. Where it is twice the memory it goes with it."),
    )
    nano_cpus = FlagField("cpus", 0, "1.5", label=gettext_lazy("CPUs"))
    cpu_shares = FlagField(
        "cpu-shares",
        0,
        "1024",
        label=gettext_lazy("CPU weight"),
        help_text=gettext_lazy("Counts where all want more than there is; without one 1024."),
    )
    pids_limit = FlagField("pids-limit", 0, "4096", label=gettext_lazy("Processes"))
    restart = forms.ChoiceField(label=gettext_lazy("Restart"), choices=RESTARTS)
    retries = forms.IntegerField(
        label=gettext_lazy("At most, times"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy("Of restarts when it failed; empty sets no limit."),
    )
    beyond_fence = forms.CharField(
        label=gettext_lazy("Reason to go beyond the fence"),
        min_length=5,
        max_length=500,
        required=False,
    )

    def __init__(self, data: Any, *, row: ContainerRow, now: ContainerSpec, beyond: bool) -> None:
        super().__init__(data, row=row, initial=initial_of(now))
        self.now = now
        if not beyond:
            del self.fields["beyond_fence"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in LIMITS:
            if field in cleaned and not cleaned[field] and getattr(self.now, field):
                self.add_error(field, _(STAYS))
        if self.errors:
            return cleaned
        changes = self.changes
        if not changes.changes:
            raise forms.ValidationError(_("This is what it has already: change a value."))
        for problem in changes.problems(self.now):
            self.add_error(problem.field, worded(problem.sentence))
        return cleaned

    @property
    def changes(self) -> Update:
        said = {field: self.cleaned_data[field] for field in LIMITS}
        restart = RestartPolicy(self.cleaned_data["restart"], self.cleaned_data["retries"] or 0)
        changed: dict[str, Any] = {
            name: value for name, value in said.items() if value != known(self.now, name)
        }
        if restart != self.now.restart:
            changed["restart"] = restart
        return Update(**changed).with_swap(self.now)


def known(now: ContainerSpec, field: str) -> int:
    return getattr(now, field) or 0


def initial_of(now: ContainerSpec) -> dict[str, Any]:
    fields = UpdateForm.base_fields
    texts = {name: fields[name].text_of(known(now, name)) for name in LIMITS}  # type: ignore[attr-defined]
    return texts | {"restart": now.restart.name, "retries": now.restart.max_retries or None}
