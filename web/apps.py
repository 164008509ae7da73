"""Django's handle on this package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from engine import sentences  # noqa: PLC0415
        from web import routes  # noqa: F401, PLC0415  (registers the check that every route has a right)
        from web.wording import worded  # noqa: PLC0415

        sentences.spoken_by(worded)
