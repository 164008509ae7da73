"""The form of a commit: typed fields, of which one ``CommitSpec`` is made."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from containers.run_fields import LinesField, WordsField
from engine.commit_spec import LONGEST_WORDS, CommitSpec
from images.references import BadReference, parse
from web.wording import worded


def text(label: Any, placeholder: str = "", help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs=PLAIN | {"placeholder": placeholder})
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_WORDS,
        widget=widget,
        help_text=help_text,
    )


def tag_of(name: str) -> str:
    """As the engine lists it. Raises BadReference."""
    reference = parse(name)
    if reference.digest:
        raise BadReference(_("A tag is a name of yours: leave the digest out."))
    return reference.familiar


class NameField(forms.CharField):
    """A reference with a tag; "" for none."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        try:
            return tag_of(name) if name else ""
        except BadReference as error:
            raise forms.ValidationError(error.message) from error


class ListField(forms.CharField):
    """One a line, as a tuple; blank lines say nothing."""

    def __init__(self, placeholder: str, **options: Any) -> None:
        attributes = PLAIN | {"rows": 2, "class": "mono", "placeholder": placeholder}
        widget = forms.Textarea(attrs=attributes)
        super().__init__(required=False, max_length=40_000, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        lines = (line.strip() for line in super().clean(value).splitlines())
        return tuple(line for line in lines if line)


class CommitForm(forms.Form):
    reference = NameField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "team/app:fixed"}),
        help_text=gettext_lazy("Repository and tag. Without one the image has its id alone."),
    )
    message = text(gettext_lazy("Message"), "", gettext_lazy("What was done, for its history."))
    author = text(gettext_lazy("Author"), "Ada Lovelace <ada@example.org>")
    pause = forms.BooleanField(
        label=gettext_lazy("Pause it while its files are copied"),
        required=False,
        help_text=gettext_lazy("Else a file that is being written may be half in the image."),
    )
    command = WordsField(empty=None, label=gettext_lazy("Command"))
    entrypoint = WordsField(
        empty=None,
        label=gettext_lazy("Entrypoint"),
        help_text=gettext_lazy("With a new one the command is gone, unless one is given, too."),
    )
    user = text(gettext_lazy("User"), "1000:1000")
    workdir = text(gettext_lazy("Working directory"), "/srv")
    env = LinesField("env", "MODE=production", label=gettext_lazy("Variables"))
    labels = LinesField("label", "org.example.team=shop", label=gettext_lazy("Labels"))
    expose = ListField("8080", label=gettext_lazy("Ports"))
    volumes = ListField(
        "/data",
        label=gettext_lazy("Volumes"),
        help_text=gettext_lazy("Folders that are a volume in each container of the image."),
    )
    team = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def tell(self, now: Mapping[str, str]) -> None:
        """Beside each field, what stays where nothing is given."""
        for name, words in now.items():
            help_text = self.fields[name].help_text
            told = format_html("{} <code>{}</code>", _("Now:"), words)
            self.fields[name].help_text = (
                format_html("{} · {}", told, help_text) if help_text else told
            )

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        for problem in self.spec().problems():
            if problem.field not in self.errors:
                self.add_error(problem.field, worded(problem.sentence))
        return fields

    def spec(self) -> CommitSpec:
        """Of what is right so far."""
        said = {key: value for key, value in self.cleaned_data.items() if value}
        return CommitSpec(**(said | {"pause": bool(self.cleaned_data.get("pause"))}))
