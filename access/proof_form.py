"""The question who one is."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ProofForm(forms.Form):
    """The person's password, or a code of their second factor."""

    secret = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
