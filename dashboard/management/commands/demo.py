"""``manage.py demo``: a few small containers to look at; ``--remove`` takes them away."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.demo import cast
from dashboard.demo.rootfs import BusyboxMissing
from engine.commands import Commands
from engine.errors import EngineError


class Command(BaseCommand):
    """Asks the engine of DOCKER_HOST directly: the server may run or not."""

    requires_system_checks = ()  # it stands before the site does
    help = "Make a few small containers to look at, without any registry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove them and their images")

    def handle(self, *args: Any, **options: Any) -> None:
        commands = Commands(settings.DOCKER_HOST)
        try:
            names = cast.leave(commands) if options["remove"] else cast.enter(commands)
        except (EngineError, BusyboxMissing) as error:
            raise CommandError(str(error)) from error
        finally:
            commands.close()
        verb = "Removed" if options["remove"] else "Made"
        self.stdout.write(f"{verb}: {', '.join(names) or 'nothing'}")
