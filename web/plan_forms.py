"""Forms of what is made by a plan and held by teams: a network, a volume."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.errors import Denied, Fenced, Hidden, StepUpNeeded
from access.form_attrs import PLAIN
from access.models import Team
from engine.errors import Conflict, EngineError, Refused
from engine.spec_problems import Problem
from web.wording import worded

MOST_LINES = 100
BEYOND = ("driver", "options", "beyond_fence")  # fields for those alone who may go there


class Plan(Protocol):
    def problems(self) -> Iterable[Problem]: ...


def text(label: Any, placeholder: str = "", help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=PLAIN | {"placeholder": placeholder})
    options = {"required": False, "max_length": 300} | more
    return forms.CharField(label=label, widget=widget, help_text=help_text, **options)


def lines(label: Any, placeholder: str, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs=PLAIN | {"rows": 2, "class": "mono", "placeholder": placeholder})
    return forms.CharField(
        label=label, widget=widget, help_text=help_text, required=False, max_length=20_000
    )


def reason(help_text: Any) -> forms.CharField:
    label = gettext_lazy("Reason to go beyond the fence")
    return text(label, help_text=help_text, min_length=5, max_length=500)


def split(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()][:MOST_LINES]


def pairs(typed: str) -> tuple[tuple[str, str], ...]:
    parts = (line.partition("=") for line in split(typed))
    return tuple((name, value) for name, _equals, value in parts)


class PlanForm(forms.Form):
    """``plan`` is that of a valid form. ``teams`` to choose from, if several; without ``beyond``
    the fields of ``BEYOND`` are not there."""

    labels = lines(gettext_lazy("Labels"), "tier=backend", gettext_lazy("name=value, one a line."))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Belongs to"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("Nobody"),
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
        for name in () if beyond else BEYOND:
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
    def plan(self) -> Plan:
        raise NotImplementedError

    def made(self, create: Callable[[str, str], str]) -> str:
        """What ``create`` makes for a team (its short name) with a reason; "" where it was
        refused, which the form then says at its field."""
        team = self.cleaned_data.get("team")
        try:
            return create(team.slug if team else "", self.cleaned_data.get("beyond_fence", ""))
        except (Hidden, StepUpNeeded):
            raise
        except Denied as error:
            self.refuse(error)
        except (Conflict, Refused) as error:
            self.add_error("name" if self.is_of_name(error) else None, error.message)
        return ""

    def refuse(self, error: Denied) -> None:
        told = error.breaches if isinstance(error, Fenced) else [("", error.message)]
        for field, words in told:
            self.add_error(field if field in self.fields else None, words)
        for words in error.remedies if isinstance(error, Fenced) else ():
            self.add_error(None, words)

    def is_of_name(self, error: EngineError) -> bool:
        return isinstance(error, Conflict)


class HoldersForm(forms.Form):
    """Whose it is."""

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
