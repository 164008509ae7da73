"""What an uploaded file says of itself, checked before anything is reserved."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    """The metadata of a creation: filename, and sha256 where it is known."""

    filename = forms.CharField(max_length=255, label=_("File"))
    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False)
