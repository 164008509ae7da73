"""Django's handle on this package."""

from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "images"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from images import asking, building, loading, pulling, pushing  # noqa: PLC0415  (models need the apps)
        from jobs import kinds  # noqa: PLC0415
        from transfers import arrivals  # noqa: PLC0415

        kinds.register(asking.KIND)
        kinds.register(building.KIND)
        arrivals.kinds[building.UPLOAD_KIND] = building.ARRIVAL
        kinds.register(loading.KIND)
        kinds.register(pulling.KIND)
        kinds.register(pushing.KIND)
        arrivals.kinds[loading.UPLOAD_KIND] = loading.ARRIVAL
