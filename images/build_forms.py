"""The form of a build: typed fields, of which one ``BuildSpec`` is made."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from engine.build_spec import BuildSpec
from engine.dockerfile import LONGEST
from images.references import BadReference, parse
from web.wording import worded


def text(label: Any, placeholder: str = "", help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs=PLAIN | {"placeholder": placeholder})
    return forms.CharField(
        label=label, required=False, max_length=1000, widget=widget, help_text=help_text
    )


class LinesField(forms.CharField):
    """One value a line, as a tuple; blank lines say nothing."""

    def __init__(self, placeholder: str = "", **options: Any) -> None:
        attributes = PLAIN | {"rows": 2, "class": "mono", "placeholder": placeholder}
        widget = forms.Textarea(attrs=attributes)
        super().__init__(required=False, max_length=40_000, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        lines = (line.strip() for line in super().clean(value).splitlines())
        return tuple(line for line in lines if line)


class PairsField(LinesField):
    """NAME=value, one a line, as a tuple of pairs."""

    def clean(self, value: Any) -> Any:
        pairs = [line.partition("=") for line in super().clean(value)]
        for name, equals, _value in pairs:
            if not name or not equals:
                words = _("“%(line)s” is no pair: write NAME=value.")
                raise forms.ValidationError(words % {"line": name[:80]})
        return tuple((name.strip(), value) for name, _equals, value in pairs)


class TagsField(LinesField):
    """References with a tag, in the short form in which the engine lists them."""

    def clean(self, value: Any) -> Any:
        try:
            return tuple(dict.fromkeys(tag_of(line) for line in super().clean(value)))
        except BadReference as error:
            raise forms.ValidationError(error.message) from error


def tag_of(text: str) -> str:
    """Raises BadReference."""
    reference = parse(text)
    if reference.digest:
        raise BadReference(_("A tag is a name of yours: leave the digest out."))
    return reference.familiar


class BuildForm(forms.Form):
    dockerfile = forms.CharField(
        label=gettext_lazy("Dockerfile"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs=PLAIN | {"rows": 12, "class": "mono", "placeholder": "FROM alpine:3.20\nRUN …"}
        ),
    )
    upload = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    path = text(
        gettext_lazy("Dockerfile in the context"),
        "Dockerfile",
        gettext_lazy("Where it is called or lies otherwise, as docker/Dockerfile."),
    )
    tags = TagsField(
        "team/app:1.2",
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("What the image is called, one name a line."),
    )
    args = PairsField(
        "VERSION=1.2",
        label=gettext_lazy("Build arguments"),
        help_text=gettext_lazy(
            "NAME=value, one a line. They stand in the image's history: no place for secrets."
        ),
    )
    labels = PairsField("org.example.team=shop", label=gettext_lazy("Labels"))
    target = text(gettext_lazy("Target"), "", gettext_lazy("Stop after this stage."))
    platform = text(gettext_lazy("Platform"), "linux/amd64")
    no_cache = forms.BooleanField(label=gettext_lazy("Use no cache (--no-cache)"), required=False)
    pull = forms.BooleanField(label=gettext_lazy("Pull newer base images (--pull)"), required=False)
    team = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        for problem in self.spec().problems():
            shown = None if problem.field == "upload" else problem.field
            if shown not in self.errors:
                self.add_error(shown, worded(problem.sentence))
        return fields

    def spec(self) -> BuildSpec:
        """Of what is right so far."""
        said = {key: value for key, value in self.cleaned_data.items() if value}
        return BuildSpec(**said)
