"""Where an engine listens, and how to open a connection to it."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import EngineDown
from engine.sentences import gettext_noop

CONNECT_SECONDS = 3.0
READ_LIMIT = 256 * 1024
PLAIN_PORT = 2375
TLS_PORT = 2376


@dataclass(frozen=True, slots=True)
class Address:
    """An engine's address: a unix socket's path, or host and port, with TLS or without.

    ``certificates`` is a directory with ``ca.pem``, ``cert.pem`` and ``key.pem``, as the
    docker command line keeps them; empty: the system's authorities, no client certificate.
    """

    path: str = ""
    host: str = ""
    port: int = 0
    tls: bool = False
    certificates: str = ""

    @classmethod
    def parse(cls, url: str, certificates: str = "") -> "Address":
        """Read ``unix:///path``, ``tcp://host[:port]``, ``http://…`` or ``https://…``.

        ``tcp`` with certificates is TLS. Raises ValueError with a sentence.
        """
        parts = urlsplit(url.strip())
        if parts.scheme == "unix":
            return cls._unix(url, parts.netloc + parts.path)
        if parts.scheme in ("tcp", "http", "https"):
            tls = parts.scheme == "https" or bool(certificates)
            return cls._network(url, tls, certificates)
        raise ValueError(
            f"The engine address {url!r} is not understood: "
            "write unix:///path, tcp://host:port or https://host:port."
        )

    @classmethod
    def _unix(cls, url: str, path: str) -> "Address":
        if not path.startswith("/"):
            raise ValueError(f"The engine address {url!r} needs an absolute path: unix:///path.")
        return cls(path=path)

    @classmethod
    def _network(cls, url: str, tls: bool, certificates: str) -> "Address":
        parts = urlsplit(url.strip())
        try:
            port = parts.port
        except ValueError:
            raise ValueError(f"The engine address {url!r} has a port that is no number.") from None
        if not parts.hostname:
            raise ValueError(f"The engine address {url!r} names no host.")
        if parts.path.strip("/") or parts.query or parts.username:
            raise ValueError(f"The engine address {url!r} may hold a host and a port, no more.")
        port = port or (TLS_PORT if tls else PLAIN_PORT)
        return cls(host=parts.hostname, port=port, tls=tls, certificates=certificates)

    def __str__(self) -> str:
        if self.path:
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'tcp'}://{host}:{self.port}"

    def certificate_files(self) -> tuple[str, str, str]:
        """The paths of the authority, the client's certificate and its key."""
        folder = Path(self.certificates)
        return str(folder / "ca.pem"), str(folder / "cert.pem"), str(folder / "key.pem")

    def ssl_context(self) -> ssl.SSLContext:
        """Verify the engine; show the client certificate where there is one."""
        if not self.certificates:
            return ssl.create_default_context()
        authority, certificate, key = self.certificate_files()
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(certificate, key)
        return context


def why_down(address: Address, error: BaseException) -> EngineDown:
    """EngineDown in words that say what to look at."""
    if isinstance(error, PermissionError):
        text = gettext_noop(
            "The engine at %(address)s cannot be reached: permission denied; the server's user must"
            " be allowed to use the socket."
        )
    elif isinstance(error, FileNotFoundError):
        text = gettext_noop(
            "The engine at %(address)s cannot be reached: there is no such socket. Is the engine"
            " running?"
        )
    elif isinstance(error, ConnectionRefusedError):
        text = gettext_noop(
            "The engine at %(address)s cannot be reached: connection refused. Is the engine"
            " running?"
        )
    elif isinstance(error, TimeoutError):
        text = gettext_noop(
            "The engine at %(address)s cannot be reached: no connection within %(seconds)s s."
        )
    else:
        text = gettext_noop("The engine at %(address)s cannot be reached: %(reason)s.")
    reason = str(error) or type(error).__name__
    return EngineDown(text, address=address, reason=reason, seconds=f"{CONNECT_SECONDS:g}")


async def open(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect within 3 s. Raises EngineDown."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if address.path:
                return await asyncio.open_unix_connection(address.path, limit=READ_LIMIT)
            context = address.ssl_context() if address.tls else None
            return await asyncio.open_connection(
                address.host, address.port, ssl=context, limit=READ_LIMIT
            )
    except OSError as error:
        raise why_down(address, error) from error
