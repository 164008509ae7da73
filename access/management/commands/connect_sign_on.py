"""``manage.py connect_sign_on NAME SUBJECT``: an account that was here before its sign-on."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access import door
from access.actors import SYSTEM
from access.identities import PROXY
from access.models import Identity, User
from access.targets import Target


class Command(BaseCommand):
    help = "Connect an account with who somebody is at the sign-on service (audit log: subject)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="whose account")
        parser.add_argument(
            "subject", help="their lasting id at the provider, or name in the header"
        )
        parser.add_argument("--proxy", action="store_true", help="for PROXY_USER_HEADER")
        parser.add_argument("--end", action="store_true", help="take the connection away")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['name']!r}.")
        source = PROXY if options["proxy"] else settings.OIDC_ISSUER
        if not source:
            raise CommandError("OIDC_ISSUER is not set: set it, or say --proxy.")
        known = {"source": source, "subject": options["subject"]}
        found = Identity.objects.filter(**known).select_related("user").first()
        if options["end"]:
            if found is None or found.user != user:
                raise CommandError(f"{found or options['subject']} is not connected with {user}.")
            found.delete()
        elif found is not None:
            raise CommandError(f"{found} is connected with {found.user.username} already.")
        else:
            Identity.objects.create(user=user, **known)
        target = Target("user", user.username, user.username)
        words = known | {"connected": not options["end"]}
        door.note(SYSTEM, "user.manage", target, parameters=words, reason="manage.py")
        self.stdout.write(f"{options['subject']} and {user.username}: done.")
