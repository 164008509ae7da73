"""``manage.py rotate_registry_keys``: a new key, and every stored password sealed with it."""

from typing import Any

from django.core.management.base import BaseCommand

from access import door, sealing
from access.actors import SYSTEM
from access.targets import SITE
from images.models import Registry


class Command(BaseCommand):
    help = "Make a new key for registry passwords and seal all of them with it."

    def handle(self, *args: Any, **options: Any) -> None:
        sealing.add_key()
        broken = []
        registries = list(Registry.objects.exclude(sealed_password=""))
        for registry in registries:
            try:
                registry.sealed_password = sealing.reseal(registry.sealed_password)
            except sealing.SealBroken:
                broken.append(registry.address)
                continue
            registry.save(update_fields=["sealed_password"])
        door.note(SYSTEM, "registry.rotate_keys", SITE, parameters={"broken": broken})
        if options["verbosity"]:
            self.stdout.write(f"Sealed {len(registries) - len(broken)} passwords with a new key.")
        for address in broken:
            self.stderr.write(f"The password of {address} opens with no key: enter it again.")
