"""Forms of registries, pulls and pushes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from access.models import Team
from access.ownership import users_of_registry
from engine.types import ImageRow
from images import references
from images.models import Registry
from images.references import BadReference, Reference, is_loopback


class ReferenceField(forms.CharField):
    """An image reference, as ``references.Reference``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=1000, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return references.parse(text) if text else None
        except BadReference as error:
            raise forms.ValidationError(error.message) from error


class PullForm(forms.Form):
    reference = ReferenceField(
        label=gettext_lazy("Image"),
        help_text=gettext_lazy("A name with tag or digest, or the address of a registry's page."),
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "nginx:stable"}),
    )


class PushForm(forms.Form):
    """Where a local image goes: one of its tags, or a new one in a registry."""

    target = ReferenceField(
        label=gettext_lazy("Push to"),
        help_text=gettext_lazy("Registry, repository and tag, as registry.example.org/team/app:2."),
        widget=forms.TextInput(attrs=PLAIN),
    )

    def clean_target(self) -> Reference:
        target: Reference = self.cleaned_data["target"]
        if target.digest:
            raise forms.ValidationError(_("Push to a tag: a digest is what a push results in."))
        return target


class RegistryForm(forms.ModelForm[Registry]):
    """Address and credentials of a registry; the password only ever goes in."""

    password = forms.CharField(
        label=gettext_lazy("Password or access token"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(),
        label=gettext_lazy("Teams that use it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    shared = forms.BooleanField(
        label=gettext_lazy("Everybody uses it"),
        required=False,
        help_text=gettext_lazy("Whoever may pull on some host: what its login reads, they can."),
    )

    class Meta:
        model = Registry
        fields = ["address", "name", "username", "plain_http"]
        labels = {
            "address": gettext_lazy("Address"),
            "name": gettext_lazy("Name"),
            "username": gettext_lazy("User name"),
            "plain_http": gettext_lazy("Plain HTTP"),
        }
        help_texts = {
            "address": gettext_lazy(
                "Host, or host and port, as image names begin: registry.example.org:5000."
                " docker.io is Docker Hub."
            ),
            "name": gettext_lazy("What lists call it; the address if empty."),
            "plain_http": gettext_lazy("Only for a registry on this machine (127.0.0.1)."),
        }
        widgets = {
            "address": forms.TextInput(attrs=PLAIN),
            "username": forms.TextInput(attrs=PLAIN),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stored = self.instance.address if self.instance.has_login else ""
        if self.instance.pk:
            teams, shared = users_of_registry(self.instance.address)
            self.initial = {**self.initial, "teams": teams, "shared": shared}
        if self.stored:
            self.fields["password"].help_text = _("Leave it empty to keep the stored one.")

    def clean_address(self) -> str:
        try:
            return references.address(self.cleaned_data["address"])
        except BadReference as error:
            raise forms.ValidationError(error.message) from error

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        address, username = fields.get("address", ""), fields.get("username", "")
        if fields.get("plain_http") and not is_loopback(address):
            self.add_error(
                "plain_http",
                _("Plain HTTP would send the password in clear: it is for 127.0.0.1 only."),
            )
        kept = self.stored and self.stored == address
        if username and not fields.get("password") and not kept:
            self.add_error("password", self.missing_password(address))
        if fields.get("password") and not username:
            self.add_error("username", _("A password needs its user name."))
        return fields

    def missing_password(self, address: str) -> str:
        if self.stored and address:
            return _("The stored password belongs to %(address)s: enter the one for here.") % {
                "address": self.stored
            }
        return _("Enter the password of this user.")


class TagForm(forms.Form):
    """One more name for an image. A name that another one has now moves only if that is asked."""

    reference = ReferenceField(
        label=gettext_lazy("New tag"),
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "team/app:1.2"}),
    )
    move = forms.BooleanField(label=gettext_lazy("Move the tag here"), required=False)

    def __init__(
        self, data: Any = None, owner: Callable[[str], ImageRow | None] | None = None
    ) -> None:
        """``owner`` tells which other image has a name now."""
        super().__init__(data)
        self.owner = owner
        self.owned_by: ImageRow | None = None

    def clean_reference(self) -> Reference:
        reference: Reference = self.cleaned_data["reference"]
        if reference.digest:
            raise forms.ValidationError(_("A tag is a name of yours: leave the digest out."))
        return reference

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        reference = fields.get("reference")
        self.owned_by = self.owner(reference.familiar) if self.owner and reference else None
        if self.owned_by and not fields.get("move"):
            self.add_error(
                "reference",
                _("%(tag)s is another image now (%(id)s): tick to take it from there.")
                % {"tag": reference, "id": self.owned_by.short_id},
            )
        return fields


class RemoveForm(forms.Form):
    force = forms.BooleanField(label=gettext_lazy("Force"), required=False)

    def __init__(self, help_text: str = "") -> None:
        super().__init__()
        self.fields["force"].help_text = help_text or _(
            "Also where stopped containers are made from it: they keep their files."
        )
