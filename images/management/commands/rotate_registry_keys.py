"""``manage.py rotate_registry_keys``: a new key, and every stored password sealed with it."""

from typing import Any

from django.core.management.base import BaseCommand

from access import door, sealing, second_factor
from access.targets import SITE
from images.models import Registry


class Command(BaseCommand):
    help = "Make a new key for registry passwords and seal all of them with it."

    def handle(self, *args: Any, **options: Any) -> None:
        line, broken = "manage.py rotate_registry_keys", list[str]()
        registries = list(Registry.objects.exclude(sealed_password=""))
        # The list is filled on the way: the result row says which passwords open no more.
        with door.by_command("registry.rotate_keys", SITE, line, broken=broken):
            self.rotate(registries, broken)
        if options["verbosity"]:
            self.stdout.write(f"Sealed {len(registries) - len(broken)} passwords with a new key.")
        for address in broken:
            self.stderr.write(f"The password of {address} opens with no key: enter it again.")
        for name in second_factor.reseal_all():
            self.stderr.write(f"The two-step login of {name} opens with no key: reset it.")

    def rotate(self, registries: list[Registry], broken: list[str]) -> None:
        sealing.add_key()
        for registry in registries:
            try:
                registry.sealed_password = sealing.reseal(registry.sealed_password)
            except sealing.SealBroken:
                broken.append(registry.address)
                continue
            registry.save(update_fields=["sealed_password"])
