"""``manage.py reference > docs/reference.md``"""

from typing import Any

from django.core.management.base import BaseCommand

from dashboard.reference import reference


class Command(BaseCommand):
    help = "Print the reference of rights and routes as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference(), ending="")
