"""Forms of one's own account."""

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm

from access.models import User


class SetUpForm(BaseUserCreationForm[User]):
    """The first superuser: a name and a password, twice."""

    class Meta:
        model = User
        fields = ["username"]


class AppearanceForm(forms.ModelForm[User]):
    """How pages look; a field that is not sent keeps its value."""

    class Meta:
        model = User
        fields = ["theme", "density", "language", "shortcuts"]

    def __init__(self, data: Any, *, instance: User) -> None:
        sent = {name: data[name] for name in self.Meta.fields if name in data}
        super().__init__(data, instance=instance)
        for name in self.Meta.fields:
            if name not in sent:
                del self.fields[name]
