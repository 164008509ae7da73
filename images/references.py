"""Image references: text of a person ⇄ registry, repository, tag and digest. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

HUB = "docker.io"
HUB_NAMES = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
LONGEST_NAME = 255

ADDRESS = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])"
    r"(?::[0-9]{1,5})?"
)
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_ID = re.compile(r"[0-9a-f]{12,64}|sha256|sha512")
_PASTED = re.compile(r"(?:sudo\s+)?(?:docker|podman)\s+(?:image\s+)?pull\s+")


class BadReference(ValueError):
    """The text names no image; ``message`` says what is wrong with which part."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Reference:
    """One image in one registry. Either ``tag`` or ``digest`` is set after ``parse``, or both."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Registry and repository in full: ``docker.io/library/nginx``."""
        return f"{self.registry}/{self.repository}"

    @property
    def full(self) -> str:
        return self.name + self._suffix

    @property
    def familiar_name(self) -> str:
        """As the engine writes the name: Docker Hub and its ``library`` are left out."""
        if self.registry != HUB:
            return self.name
        return self.repository.removeprefix("library/")

    @property
    def familiar(self) -> str:
        return self.familiar_name + self._suffix

    @property
    def reads_as_id(self) -> bool:
        """Whether an engine would take it before the image whose id begins so: an id is written
        with twelve digits or more."""
        return _ID.fullmatch(self.familiar_name) is not None

    @property
    def wanted(self) -> str:
        """What the engine is asked for: a digest decides alone, also beside a tag."""
        return f"{self.familiar_name}@{self.digest}" if self.digest else self.familiar

    @property
    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return tag + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.familiar


def parse(text: str, default_tag: str = "latest") -> Reference:
    """``repo``, ``repo:tag``, ``repo@digest``, ``host:port/repo…`` or a registry page's URL.

    Raises BadReference. Without tag and digest the tag is ``default_tag``.
    """
    rest = _PASTED.sub("", text.strip(), count=1)
    if not rest:
        raise BadReference(_("Name an image, as nginx:1.27 or registry.example.org/team/app:2."))
    if "://" in rest:
        rest = from_url(rest)
    rest, at, digest = rest.partition("@")
    if at and not DIGEST.fullmatch(digest):
        raise BadReference(
            _("“%(digest)s” is not a digest: write sha256: and 64 hex digits after the @.")
            % {"digest": digest}
        )
    rest, tag = split_tag(rest)
    registry, repository = split_registry(rest)
    return Reference(registry, repository, tag or ("" if digest else default_tag), digest)


def split_tag(text: str) -> tuple[str, str]:
    head, slash, last = text.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not slash and "/" not in text and not last:
        raise BadReference(_("The name before the colon is missing."))
    if colon and not _TAG.fullmatch(tag):
        raise BadReference(
            _(
                "“%(tag)s” is not a tag: use up to 128 letters, digits, dots, hyphens and"
                " underscores, not starting with a dot or hyphen."
            )
            % {"tag": tag}
        )
    return head + slash + last, tag


def split_registry(name: str) -> tuple[str, str]:
    """The registry's address and the repository, both as they are asked for."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or any(mark in first for mark in ".:[")):
        registry, repository = address(first), rest
    else:
        registry, repository = HUB, name
    check_repository(repository)
    if registry == HUB and "/" not in repository:
        repository = f"library/{repository}"
    if len(f"{registry}/{repository}") > LONGEST_NAME:
        raise BadReference(_("The name is too long: at most 255 characters with its registry."))
    return registry, repository


def address(text: str) -> str:
    """A registry's ``host[:port]`` in the one form we compare; Docker Hub's names are one."""
    wanted = text.strip().lower()
    port = wanted.rpartition(":")[2] if ":" in wanted.rpartition("]")[2] else "1"
    if not ADDRESS.fullmatch(wanted) or not 0 < int(port) < 65536:
        raise BadReference(
            _("“%(address)s” is not a registry's address: write host or host:port.")
            % {"address": text}
        )
    return HUB if wanted in HUB_NAMES else wanted


def check_repository(repository: str) -> None:
    for part in repository.split("/"):
        if _COMPONENT.fullmatch(part):
            continue
        if part.lower() != part and _COMPONENT.fullmatch(part.lower()):
            raise BadReference(
                _("“%(name)s”: repository names are written in small letters.")
                % {"name": repository}
            )
        raise BadReference(
            _(
                "“%(name)s” is not a repository: use small letters and digits, parted by dots,"
                " hyphens, underscores and slashes."
            )
            % {"name": repository}
        )
    if re.fullmatch(r"[0-9a-f]{64}", repository):
        raise BadReference(_("64 hex digits are an image's id, which no registry knows by name."))


def from_url(text: str) -> str:
    """The reference behind the address of a registry's page, as it is copied from a browser."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    path = parts.path.strip("/")
    if parts.scheme not in ("http", "https", "docker", "oci") or not parts.netloc or not path:
        raise BadReference(
            _("“%(url)s” does not lead to an image: give a repository's address.") % {"url": text}
        )
    if "@" in parts.netloc:
        raise BadReference(
            _("Leave user and password out of the address: registries keep their own.")
        )
    if parts.netloc in ("hub.docker.com", "www.docker.com"):
        return from_hub_page(path)
    if parts.netloc == "quay.io" and path.startswith("repository/"):
        tag = parse_qs(parts.query).get("tag", [""])[0]
        return f"quay.io/{path.removeprefix('repository/')}" + (f":{tag}" if tag else "")
    return f"{parts.netloc}/{path}"


def from_hub_page(path: str) -> str:
    """``_/nginx``, ``r/team/app``, ``r/team/app/tags``, ``layers/team/app/tag/…``."""
    kind, *words = path.split("/")
    if kind == "_" and words:
        return words[0]
    if kind == "layers" and len(words) > 2:
        return f"{words[0]}/{words[1]}:{words[2]}"
    if kind == "r" and len(words) > 1:
        return f"{words[0]}/{words[1]}"
    raise BadReference(_("This page of Docker Hub is not a repository's page."))


def is_loopback(registry: str) -> bool:
    """Whether a registry's address is this machine's own, where plain HTTP may be spoken."""
    host = registry.rsplit(":", 1)[0] if not registry.endswith("]") else registry
    return host in ("localhost", "[::1]") or re.fullmatch(r"127(?:\.\d{1,3}){3}", host) is not None


def registries_of(names: Iterable[str]) -> tuple[str, ...]:
    """The registries of an image's names, which are ``repo@sha256:…`` and ``repo:tag``."""
    found = (_registry(_repository(name)) for name in names)
    return tuple(dict.fromkeys(filter(None, found)))


def _repository(name: str) -> str:
    whole = name.partition("@")[0]
    repository, colon, tag = whole.rpartition(":")
    return repository if colon and "/" not in tag else whole


@lru_cache(maxsize=4096)
def _registry(name: str) -> str:
    try:
        return split_registry(name)[0]
    except BadReference:  # a name that only an older engine took
        return ""
