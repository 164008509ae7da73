"""Django's handle on this package."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from access import book  # noqa: PLC0415  (its models need the apps first)

        book.watch()
