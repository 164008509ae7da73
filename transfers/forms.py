"""What an upload says of itself, checked before anything is reserved."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from transfers.models import Conflict
from transfers.paths import clean_directory

LONGEST_NAME = 255  # bytes, of Linux's file systems


class UploadForm(forms.Form):
    """The metadata of a creation: filename, container, directory, folder, conflict, sha256."""

    filename = forms.CharField(max_length=255, strip=False)
    container = forms.RegexField(r"^[0-9a-f]{64}\Z")
    directory = forms.CharField(max_length=4096, strip=False)
    folder = forms.CharField(max_length=4096, strip=False, required=False)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False)
    conflict = forms.ChoiceField(choices=Conflict.choices, required=False)

    def clean_filename(self) -> str:
        name: str = self.cleaned_data["filename"]
        if name in (".", "..") or "/" in name or "\0" in name:
            raise ValidationError(_("A file's name has no slash and is not . or .."))
        if len(name.encode()) > LONGEST_NAME:
            raise ValidationError(_("A file's name has at most 255 bytes."))
        return name

    def clean_directory(self) -> str:
        return clean_directory(self.cleaned_data["directory"])

    def clean_folder(self) -> str:
        path: str = self.cleaned_data["folder"]
        parts = path.split("/") if path else []
        if "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise ValidationError(_("A folder's path has names and single slashes only."))
        if any(len(part.encode()) > LONGEST_NAME for part in parts):
            raise ValidationError(_("A folder's name has at most 255 bytes."))
        return path

    def save_fields(self) -> dict[str, Any]:
        """The columns of Upload that came from the metadata."""
        fields = self.cleaned_data
        return {
            "name": fields["filename"],
            "object_id": fields["container"],
            "directory": fields["directory"],
            "folder": fields["folder"],
            "wanted_sha256": fields["sha256"],
            "conflict": fields["conflict"] or Conflict.ASK,
        }
