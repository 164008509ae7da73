"""The live registry: host → Engine. The runtime fills and empties it."""

from django.conf import settings
from django.utils.translation import gettext as _

from engine.engine import Engine
from engine.errors import NotFound
from engine.threads import door
from hosts.models import Host

_engines: dict[str, Engine] = {}


def engine_of(slug: str) -> Engine:
    """The engine of a host. Raises NotFound for a host that is not (or no longer) there."""
    try:
        return _engines[slug]
    except KeyError:
        raise NotFound(_("There is no host %(slug)r.") % {"slug": slug}) from None


def slugs() -> list[str]:
    return sorted(_engines)


def first_host() -> None:
    """Make the one host that the settings name, where none is known yet; keep its address fresh."""
    Host.objects.update_or_create(
        slug=settings.HOST_SLUG,
        defaults={"address": settings.DOCKER_HOST, "public_name": settings.HOST_PUBLIC_NAME},
        create_defaults={
            "address": settings.DOCKER_HOST,
            "public_name": settings.HOST_PUBLIC_NAME,
            "name": settings.HOST_SLUG,
        },
    )


def known_hosts() -> list[Host]:
    first_host()
    return list(Host.objects.all())


async def start() -> None:
    for host in await door.run(known_hosts):
        engine = _engines[host.slug] = Engine(host.slug, host.address, door)
        engine.public_name = host.public_name
        door.spawn(engine.run(), f"engine {host.slug}")


async def stop() -> None:
    for slug in slugs():
        await _engines.pop(slug).close()
