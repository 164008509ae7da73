"""The settings of one host."""

from django import forms

from hosts.models import SETTINGS, Host


class HostSettingsForm(forms.ModelForm[Host]):
    """All of ``SETTINGS``, each a field of ``Host`` with its own label and help."""

    class Meta:
        model = Host
        fields = SETTINGS
