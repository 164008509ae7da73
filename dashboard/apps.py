"""Django's handle on the site."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import actions  # noqa: PLC0415  (models need the apps)
        from jobs import kinds  # noqa: PLC0415

        kinds.register(actions.VERIFY)  # the record stands below the jobs, and so the site does it
