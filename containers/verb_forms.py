"""Forms of the verbs: what one may say when stopping, killing, renaming or removing."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from access.models import Team
from containers.actions import STOP_SECONDS
from containers.belongings import Belongings
from engine.types import ContainerRow

NAME = r"^[a-zA-Z0-9][a-zA-Z0-9_.-]+$"
LONGEST_STOP = 300  # seconds; a browser waits for the answer
SIGNALS = (
    "SIGKILL",
    "SIGTERM",
    "SIGINT",
    "SIGHUP",
    "SIGQUIT",
    "SIGUSR1",
    "SIGUSR2",
    "SIGABRT",
    "SIGALRM",
    "SIGSTOP",
    "SIGCONT",
    "SIGWINCH",
)


class VerbForm(forms.Form):
    """Made with the row it is about; a verb without options has no field."""

    def __init__(self, data: Any, *, row: ContainerRow, initial: Any = None) -> None:
        super().__init__(data, auto_id="verb-%s", initial=initial)
        self.row = row


class TimeoutForm(VerbForm):
    timeout = forms.IntegerField(
        label=_("Seconds to wait before it is killed"),
        min_value=0,
        max_value=LONGEST_STOP,
        initial=STOP_SECONDS,
        required=False,
    )

    def clean_timeout(self) -> int:
        timeout = self.cleaned_data.get("timeout")
        return STOP_SECONDS if timeout is None else int(timeout)


class KillForm(VerbForm):
    signal = forms.ChoiceField(
        label=_("Signal"), choices=[(name, name) for name in SIGNALS], initial="SIGKILL"
    )


class RenameForm(VerbForm):
    name = forms.CharField(
        label=_("New name"),
        max_length=255,
        validators=[
            RegexValidator(
                NAME,
                _(
                    "A name has two or more letters, digits, underscores, dots and hyphens, and "
                    "begins with a letter or digit."
                ),
            )
        ],
    )

    def __init__(self, data: Any, *, row: ContainerRow) -> None:
        super().__init__(data, row=row, initial={"name": row.name})


class BeyondForm(VerbForm):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=500,
        help_text=_("Recorded, with everything that you do in it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RemoveForm(VerbForm):
    force = forms.BooleanField(label=_("Kill it first, if it runs"), required=False)
    volumes = forms.BooleanField(label=_("Remove its anonymous volumes too"), required=False)

    def __init__(self, data: Any, *, row: ContainerRow, goes: Belongings) -> None:
        """``goes`` is what could go with it; what means nothing here is not asked."""
        super().__init__(data, row=row, initial={"force": row.running})
        if not (row.running or self.is_bound):
            del self.fields["force"]
        if not (goes.anonymous or self.is_bound):
            del self.fields["volumes"]


class BulkForm(forms.Form):
    """Options for many at once; ``options`` are those of the action."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="bulk-%s")

    def options(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class BulkTimeoutForm(BulkForm):
    timeout = TimeoutForm.base_fields["timeout"]

    clean_timeout = TimeoutForm.clean_timeout


class BulkKillForm(BulkForm):
    signal = KillForm.base_fields["signal"]


class BulkRemoveForm(BulkForm):
    force = forms.BooleanField(label=_("Kill those that run first"), required=False)
    volumes = forms.BooleanField(label=_("Remove their anonymous volumes too"), required=False)


class OwnerForm(forms.Form):
    """The team that a container belongs to; none is nobody's."""

    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Belongs to"), required=False, to_field_name="slug"
    )
