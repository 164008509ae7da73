"""The fence around volumes: what one may be created with by someone who has not the whole host.

A folder of the engine's own is inside: driver ``local`` without options. Options make ``local``
mount any path of the host, or a share that the host reaches, and other drivers run as root there.
"""

from django.utils.translation import gettext as _

from access.fence import Breach, Means, labels
from engine.volume_plan import VolumePlan


def breaches(plan: VolumePlan) -> list[Breach]:
    """Every field outside the fence."""
    found = [Breach("labels", reason) for reason in labels(plan.labels, Means())]
    if plan.driver != "local":
        words = _("only local is inside the fence: “%(driver)s” may reach the host itself.")
        found.append(Breach("driver", words % {"driver": plan.driver}))
    if plan.options:
        words = _("driver options may make it any folder of the host: they are not for you to set.")
        found.append(Breach("options", words))
    return found
