"""Django's handle on this package."""

from django.apps import AppConfig


class ContainersConfig(AppConfig):
    name = "containers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from containers import copy_in, running  # noqa: PLC0415  (its models need the apps first)
        from jobs import kinds  # noqa: PLC0415
        from transfers import arrivals  # noqa: PLC0415

        kinds.register(copy_in.KIND)
        kinds.register(running.KIND)
        arrivals.kinds["container"] = copy_in.ARRIVAL
