"""Images in the JSON API, over the same actions as the pages."""

from images.api import registries as registries
from images.api.operations import images

__all__ = ["images"]
