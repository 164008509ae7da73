"""What can go wrong with a registry, in our words; the registry's own sentence is kept."""

from engine.errors import EngineError, Refused


class RegistryDown(EngineError):
    """The registry cannot be reached, or what answers there is no registry."""

    status = 502


class RegistryRefused(Refused):
    """The registry understood and refused."""


class RealmUnknown(RegistryRefused):
    """The registry sends logins to another server, which nobody has confirmed yet."""

    def __init__(self, message: str, realm: str) -> None:
        super().__init__(message)
        self.realm = realm
