"""Django's handle on this package."""

from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "images"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from images import building, pulling, pushing  # noqa: PLC0415  (their models need the apps first)
        from jobs import kinds  # noqa: PLC0415
        from transfers import arrivals  # noqa: PLC0415

        kinds.register(building.KIND)
        arrivals.kinds[building.UPLOAD_KIND] = building.ARRIVAL
        kinds.register(pulling.KIND)
        kinds.register(pushing.KIND)
