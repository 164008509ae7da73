"""Django's handle on this package."""

from django.apps import AppConfig


class ContainersConfig(AppConfig):
    name = "containers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out  # noqa: PLC0415

        from containers import committing, copy_in, replacing, running, shell_rights  # noqa: PLC0415  (models need the apps)
        from jobs import kinds  # noqa: PLC0415
        from transfers import arrivals  # noqa: PLC0415

        kinds.register(committing.KIND)
        kinds.register(copy_in.KIND)
        kinds.register(running.KIND)
        kinds.register(replacing.EDIT_KIND)
        kinds.register(replacing.RECREATE_KIND)
        arrivals.kinds["container"] = copy_in.ARRIVAL
        user_logged_out.connect(shell_rights.logged_out)
