"""``manage.py reset_second_factor NAME``: for the only superuser, who lost app and codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access import door, second_factor
from access.actors import SYSTEM
from access.models import User
from access.targets import Target


class Command(BaseCommand):
    help = "Take a person's second factor away: they log in by their password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="whose")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['name']!r}.")
        target = Target("user", user.username, user.username)
        had = second_factor.forget(user)
        words = {"was": {"second_factor": had}, "now": {"second_factor": False}}
        door.note(SYSTEM, "user.manage", target, parameters=words, reason="manage.py")
        said = "is reset" if had else "was not set up"
        self.stdout.write(f"Two-step login of {user.username} {said}.")
