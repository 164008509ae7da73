"""Codes of an authenticator app."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeField(forms.CharField):
    """Six digits, or a recovery code where one is taken."""

    def __init__(self, **options: Any) -> None:
        looks = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=looks), **options)


class CodeForm(forms.Form):
    code = CodeField(label=_("Code"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class TurnOffForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = CodeField(label=_("Code"), help_text=_("From the app, or a recovery code."))
