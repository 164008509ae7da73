"""The fence around what an image brings into a container by itself: an engine takes over from its
configuration what a run does not say, and whoever loads or builds an image writes that.

Most of it is of no consequence outside the container: user, variables, command, labels (which give
nobody anything), paths where it wants a volume (which are folders of the engine's own). Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from access.fence import LEAST_INTERVAL, Breach
from engine.specs import ContainerSpec

MOST_VOLUMES = 50  # each is made anew for each container


def breaches(spec: ContainerSpec, config: Mapping[str, Any]) -> list[Breach]:
    """``config`` is that of the image, in the engine's words."""
    found = [Breach(field, words) for field, words in health(spec, config.get("Healthcheck") or {})]
    if len(config.get("Volumes") or {}) > MOST_VOLUMES:
        told = {"has": len(config["Volumes"]), "most": MOST_VOLUMES}
        words = _("it declares %(has)d volumes: at most %(most)d are made for a container.")
        found.append(Breach("image", words % told))
    return found


def health(spec: ContainerSpec, check: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A check of health runs on the engine's time."""
    if spec.health_test == ("NONE",) or not (spec.health_test or check.get("Test")):
        return
    for field, key in (("health_interval", "Interval"), ("health_start_interval", "StartInterval")):
        inherited = int(check.get(key) or 0)
        if not getattr(spec, field) and 0 < inherited < LEAST_INTERVAL:
            yield field, _("its image checks its health too often: give 1s or more.")
