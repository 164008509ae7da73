"""Paths in containers, as people and programs write them."""

import posixpath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def clean_directory(path: str) -> str:
    """An absolute path, made normal. Raises ValidationError."""
    if not path.startswith("/") or "\0" in path:
        raise ValidationError(_("A directory begins with a slash."))
    return posixpath.normpath(path).replace("//", "/")
