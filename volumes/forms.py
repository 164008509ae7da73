"""The form of a new volume."""

from django.utils.translation import gettext_lazy

from engine.volume_plan import VolumePlan
from web.plan_forms import PlanForm, lines, pairs, reason, text


class VolumeForm(PlanForm):
    """A new volume."""

    name = text(gettext_lazy("Name"), "shop-data", required=True)
    driver = text(gettext_lazy("Driver"), "local")
    options = lines(gettext_lazy("Driver options"), "type=nfs")
    beyond_fence = reason(gettext_lazy("For other drivers and for driver options. Recorded."))
    field_order = ("name",)

    @property
    def plan(self) -> VolumePlan:
        said = self.cleaned_data
        return VolumePlan(
            name=said["name"],
            driver=said.get("driver") or "local",
            labels=pairs(said["labels"]),
            options=pairs(said.get("options", "")),
        )
