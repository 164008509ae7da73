"""Where something from one container is to be copied to: any container one may write into."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access.targets import ContainerTarget
from transfers.models import Conflict
from transfers.paths import clean_directory

CONFLICTS = (
    (Conflict.ASK, _("Ask me")),
    (Conflict.REPLACE, _("Replace")),
    (Conflict.KEEP_BOTH, _("Keep both")),
    (Conflict.SKIP, _("Skip")),
)


class CopyForm(forms.Form):
    """``to`` is ``host/full id`` of one of ``targets``; it cleans to the target itself."""

    to = forms.ChoiceField(label=_("Into the container"))
    directory = forms.CharField(
        label=_("Folder"), max_length=4096, strip=False, initial="/", help_text=_("It must exist.")
    )
    conflict = forms.ChoiceField(
        label=_("Where the name is taken"), choices=CONFLICTS, required=False
    )

    def __init__(self, data: Any, *, targets: list[ContainerTarget], initial: Any = None) -> None:
        super().__init__(data, auto_id="copy-%s", initial=initial)
        self._targets = {f"{target.host}/{target.id}": target for target in targets}
        groups: dict[str, list[tuple[str, str]]] = {}
        for value, target in self._targets.items():
            groups.setdefault(target.host, []).append((value, target.name))
        self.fields["to"].choices = list(groups.items())  # type: ignore[attr-defined]

    def clean_to(self) -> ContainerTarget:
        return self._targets[self.cleaned_data["to"]]

    def clean_directory(self) -> str:
        return clean_directory(self.cleaned_data["directory"])

    def refuse(self, message: str) -> None:
        """The engine's or our own sentence about this form."""
        self.add_error(None, ValidationError(message))
