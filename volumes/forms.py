"""Forms for volumes: a new one, whose one is, and the name typed to remove one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import Team
from engine.volume_plan import VolumePlan
from web.wording import worded

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
MOST_LINES = 100


def text(label: Any, placeholder: str = "", help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=PLAIN | {"placeholder": placeholder})
    options = {"required": False, "max_length": 300} | more
    return forms.CharField(label=label, widget=widget, help_text=help_text, **options)


def lines(label: Any, placeholder: str, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs=PLAIN | {"rows": 2, "class": "mono", "placeholder": placeholder})
    return forms.CharField(
        label=label, widget=widget, help_text=help_text, required=False, max_length=20_000
    )


class VolumeForm(forms.Form):
    """A new volume; ``plan`` is that of a valid form. ``teams`` to choose from, if several."""

    name = text(gettext_lazy("Name"), "shop-data", required=True)
    labels = lines(gettext_lazy("Labels"), "tier=backend", gettext_lazy("name=value, one a line."))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Belongs to"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("Nobody"),
    )
    driver = text(gettext_lazy("Driver"), "local")
    options = lines(gettext_lazy("Driver options"), "type=nfs")
    beyond_fence = text(
        gettext_lazy("Reason to go beyond the fence"),
        help_text=gettext_lazy("For other drivers and for driver options. Recorded."),
        min_length=5,
        max_length=500,
    )

    def __init__(self, data: Any, *, teams: Sequence[Team], nobody: bool, beyond: bool) -> None:
        super().__init__(data)
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Team.objects.filter(pk__in=[team.pk for team in teams])
        if not nobody:
            field.empty_label = None
        if not teams:
            del self.fields["team"]
        for name in () if beyond else ("driver", "options", "beyond_fence"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in ("labels", "options"):
            if any("=" not in line for line in split(cleaned.get(field, ""))):
                self.add_error(field, _("Write name=value, one a line."))
        if not self.errors:
            for problem in self.plan.problems():
                self.add_error(problem.field, worded(problem.sentence))
        return cleaned

    @property
    def plan(self) -> VolumePlan:
        said = self.cleaned_data
        return VolumePlan(
            name=said["name"],
            driver=said.get("driver") or "local",
            labels=pairs(said["labels"]),
            options=pairs(said.get("options", "")),
        )


def split(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()][:MOST_LINES]


def pairs(typed: str) -> tuple[tuple[str, str], ...]:
    parts = (line.partition("=") for line in split(typed))
    return tuple((name, value) for name, _equals, value in parts)


class HoldersForm(forms.Form):
    """Whose a volume is."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(),
        label=gettext_lazy("Teams"),
        required=False,
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
    )
    shared = forms.BooleanField(
        label=gettext_lazy("Shared"),
        help_text=gettext_lazy("Everybody who has a grant on this host may use it."),
        required=False,
    )
