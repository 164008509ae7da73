"""Django's handle on this package."""

from django.apps import AppConfig


class PruningConfig(AppConfig):
    name = "pruning"

    def ready(self) -> None:
        from jobs import kinds  # noqa: PLC0415  (its models need the apps first)
        from pruning import sweeping  # noqa: PLC0415

        for kind in sweeping.KINDS:
            kinds.register(kind)
