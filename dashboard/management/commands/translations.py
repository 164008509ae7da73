"""`manage.py translations`: bring the catalogues up to the texts of the sources."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard import catalogues
from dashboard.messages import messages_of


class Command(BaseCommand):
    """Adds texts that are new, takes out those that are gone, names what lacks a translation."""

    requires_system_checks = ()
    help = "Bring locale/ up to the texts of the sources, and say what is yet to be translated."

    def handle(self, *args: Any, **options: Any) -> None:
        messages = messages_of(settings.BASE_DIR)
        for path in catalogues.catalogues(settings.CATALOGUES):
            missing = catalogues.merge(path, messages)
            language = path.parent.parent.name
            self.stdout.write(f"{language}: {len(messages)} texts, {len(missing)} to translate")
            for message in missing:
                self.stdout.write(f"  {message.text}")
