"""What can be pruned: five kinds of leftovers, each with its right and its command."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class What:
    """``slug`` stands in addresses. ``everything``, ``age``, ``labels``, ``volumes``: which options
    it takes, as the command does; ``everything`` is the label of that tick."""

    slug: str
    right: str
    title: str | Promise
    about: str | Promise
    words: tuple[str, ...]  # of ``docker … prune``
    everything: str | Promise = ""
    age: bool = True
    labels: bool = True
    volumes: bool = False

    @property
    def route(self) -> str:
        return f"prune-{self.slug}"


WHATS = (
    What(
        "containers",
        "container.prune",
        _("Containers"),
        _("Containers that do not run. What they hold in use goes free: begin with them."),
        ("container", "prune"),
        volumes=True,
    ),
    What(
        "images",
        "image.prune",
        _("Images"),
        _("Images without a tag that no container is made from."),
        ("image", "prune"),
        everything=_("Those with a tag, too: all that no container is made from"),
    ),
    What(
        "volumes",
        "volume.prune",
        _("Volumes"),
        _("Anonymous volumes that no container has, running or stopped."),
        ("volume", "prune"),
        everything=_("Named ones, too: all that no container has"),
        age=False,
    ),
    What(
        "networks",
        "network.prune",
        _("Networks"),
        _("Networks that no container is in, running or stopped."),
        ("network", "prune"),
    ),
    What(
        "build-cache",
        "build.prune",
        _("Build cache"),
        _("What builds left to be quicker next time, and no image shares."),
        ("builder", "prune"),
        everything=_("What images share, too: the whole cache"),
        labels=False,
    ),
)
BY_SLUG = {what.slug: what for what in WHATS}
