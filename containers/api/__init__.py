"""Containers in the JSON API, over the same actions as the pages."""

from containers.api import anew as anew
from containers.api import changes as changes
from containers.api import commits as commits
from containers.api import folders as folders
from containers.api import inputs as inputs
from containers.api import looks as looks
from containers.api import projects as projects
from containers.api import removed as removed
from containers.api.image_files import image_files
from containers.api.operations import containers

__all__ = ["containers", "image_files"]
