"""Django's handle on this package."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415

        from access import book, sessions  # noqa: PLC0415  (their models need the apps first)

        book.watch()
        user_logged_in.connect(sessions.begun)
