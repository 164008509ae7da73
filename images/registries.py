"""Credentials of registries: chosen by the exact host, sent only where they belong."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.actors import Actor
from access.gate import authorize, may
from access.sealing import SealBroken, unseal
from engine.types import RegistryAuth
from images import registry_api
from images.errors import RegistryDown, RegistryRefused
from images.models import Registry
from images.references import HUB


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Docker Hub as it is without a row of its own: searched and pulled from by anybody."""

    address: str = HUB
    username: str = ""
    plain_http: bool = False
    realm: str = ""


def find(address: str) -> Registry | None:
    return Registry.objects.filter(address=address).first()


def usable(actor: Actor) -> list[Registry]:
    """Those whose login the person may use."""
    return [row for row in Registry.objects.all() if may(actor, "registry.use", row.target)]


def check_use(actor: Actor, address: str) -> None:
    """Raises Denied or Hidden where a stored login of this registry is not for the person."""
    registry = find(address)
    if registry is not None and registry.has_login:
        authorize(actor, "registry.use", registry.target)


def auth_of(registry: Registry) -> RegistryAuth | None:
    """Its stored credentials. Raises RegistryRefused where they cannot be read."""
    if not registry.has_login:
        return None
    try:
        password = unseal(registry.sealed_password)
    except SealBroken as error:
        raise RegistryRefused(
            _("The stored password of %(registry)s cannot be read any more: enter it again.")
            % {"registry": registry.address}
        ) from error
    return RegistryAuth(registry.address, registry.username, password)


def auth_for(address: str) -> RegistryAuth | None:
    """Credentials for the registry of exactly this host and port, for the engine to use.

    The engine follows whatever token server the registry names, so we ask the registry first.
    Raises RealmUnknown where that is neither its own nor the confirmed one.
    """
    registry = find(address)
    if registry is None or (auth := auth_of(registry)) is None:
        return None
    try:
        client_of(registry).challenge()
    except RegistryDown:
        # The engine may reach it where we cannot; it will verify the registry's certificate.
        return auth
    return auth


def client_of(registry: Registry | Anonymous) -> registry_api.RegistryClient:
    auth = auth_of(registry) if isinstance(registry, Registry) else None
    return registry_api.RegistryClient(
        registry.address, auth, plain_http=registry.plain_http, realm=registry.realm
    )
