"""`manage.py prepare`: what a start needs — tables, static files, catalogues of translations."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from dashboard import catalogues


class Command(BaseCommand):
    """Migrates; hashes and packs the static files and compiles the catalogues that changed."""

    requires_system_checks = ()  # it stands before the site does
    help = "Migrate the database and prepare static files and translations."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        catalogues.prepare(settings.CATALOGUES, settings.LOCALE_PATHS[0])
        stamp = Path(settings.STATIC_ROOT) / "prepared"
        state = state_of_sources()
        if not stamp.is_file() or stamp.read_text() != state:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(state)


def state_of_sources() -> str:
    """A digest over every source file's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
