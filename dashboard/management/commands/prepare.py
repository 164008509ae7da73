"""`manage.py prepare`: what a start needs — the database's tables and the static files."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrates, then hashes and packs the static files unless nothing changed since last time."""

    requires_system_checks = ()  # it stands before the site does
    help = "Migrate the database and prepare the static files."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
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
