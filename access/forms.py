"""Forms of one's own account, of people, teams and grants."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from access.models import Grant, Selector, Team, User
from access.rights import RIGHTS
from access.roles import OPT_INS, WARNINGS, Role


class SetUpForm(BaseUserCreationForm[User]):
    """The first superuser: a name and a password, twice."""

    class Meta:
        model = User
        fields = ["username"]


class AppearanceForm(forms.ModelForm[User]):
    """How pages look; a field that is not sent keeps its value."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["theme", "density", "language", "shortcuts", "columns"]

    def __init__(self, data: Any, *, instance: User) -> None:
        sent = {name: data[name] for name in self.Meta.fields if name in data}
        if "columns" in sent:  # ticks; "usual" is that of a button
            ticked = data.getlist("columns")
            sent["columns"] = "" if "usual" in ticked else ",".join(ticked)
        super().__init__(sent, instance=instance)
        for name in self.Meta.fields:
            if name not in sent:
                del self.fields[name]


class TeamForm(forms.ModelForm[Team]):
    """A team and its members. The short name stands in addresses and the record: it stays."""

    class Meta:
        model = Team
        fields = ["name", "slug", "image_prefix", "group", "members"]
        widgets = {"members": forms.CheckboxSelectMultiple}

    def __init__(self, data: Any = None, *, instance: Team) -> None:
        super().__init__(data, instance=instance)
        members: Any = self.fields["members"]
        members.queryset = User.objects.filter(is_active=True).order_by("username")
        if instance.pk:
            del self.fields["slug"]


class GrantForm(forms.ModelForm[Grant]):
    """What a team may do where. Ticks that the role does not offer are refused by name."""

    extras = forms.MultipleChoiceField(
        label=gettext_lazy("Further rights"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, instance: Grant) -> None:
        super().__init__(data, instance=instance)
        extras: Any = self.fields["extras"]
        extras.choices = [
            (name, format_html("{}<small>{}</small>", RIGHTS[name].title, words))
            for name, words in WARNINGS.items()
        ]

    class Meta:
        model = Grant
        fields = ["role", "host", "selector", "value", "extras", "until"]
        widgets = {
            "until": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "value": forms.TextInput(attrs=PLAIN),
        }
        help_texts = {
            "value": gettext_lazy(
                "A pattern with *: billing-*. For a label: name=pattern, or the name alone."
                " Names and labels are chosen by whoever creates a container."
            ),
            "until": gettext_lazy("In UTC. Open shells and logs are closed then."),
        }

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        role, selector = fields.get("role"), fields.get("selector")
        if role == Role.HOST_ADMIN:
            fields["selector"] = selector = Selector.ALL
        if selector in (Selector.OWNED, Selector.ALL):
            fields["value"] = ""
        elif not fields.get("value"):
            self.add_error("value", _("Say which: give a pattern."))
        for name in set(fields.get("extras") or ()) - (OPT_INS[Role(role)] if role else set()):
            words = _("“%(right)s” does not go with this role.")
            self.add_error("extras", words % {"right": RIGHTS[name].title})
        return fields

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError(_("This time is over: leave it empty, or end the grant."))
        return until


class PersonForm(forms.ModelForm[User]):
    """What a person is. There is always one who can manage the others."""

    class Meta:
        model = User
        fields = ["is_active", "is_superuser", "auditor"]
        labels = {
            "is_active": gettext_lazy("May log in"),
            "is_superuser": gettext_lazy("Superuser"),
            "auditor": gettext_lazy("Auditor"),
        }
        help_texts = {
            "is_active": gettext_lazy("Without it every open page, log and shell is closed."),
            "is_superuser": gettext_lazy(
                "May do everything, and switch a host's fence off: this is root on every host."
            ),
            "auditor": gettext_lazy("Reads everything, changes nothing, enters no container."),
        }

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        stays = fields.get("is_active") and fields.get("is_superuser")
        others = User.objects.filter(is_active=True, is_superuser=True).exclude(pk=self.instance.pk)
        if not stays and not others.exists():
            raise forms.ValidationError(_("One superuser who can log in must be left."))
        return fields


class NewPersonForm(BaseUserCreationForm[User]):
    """Somebody new: a name and a first password."""

    class Meta:
        model = User
        fields = ["username"]
