"""What one tag in a registry is: digest, platforms, size, age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.answers import parse_time
from images.errors import RegistryRefused
from images.references import Reference
from images.registry_api import RegistryClient

_LISTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_IMAGES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join(_LISTS + _IMAGES)


@dataclass(frozen=True, slots=True)
class TagFacts:
    """``size`` is the compressed download in bytes, of one platform; ``created`` may be unknown."""

    digest: str
    size: int
    platforms: tuple[str, ...]
    created: datetime | None


def facts(client: RegistryClient, reference: Reference, architecture: str) -> TagFacts:
    """At most three requests. Of several platforms the engine's own gives the size."""
    repository = reference.repository
    manifest, headers = client.get(f"/v2/{repository}/manifests/{reference.tag}", ACCEPT)
    digest = headers.get("docker-content-digest", "")
    platforms: tuple[str, ...] = ()
    if listed := [item for item in manifest.get("manifests") or [] if is_image(item)]:
        platforms = tuple(platform_text(item["platform"]) for item in listed)
        chosen = next(
            (i for i in listed if architecture in platform_text(i["platform"])), listed[0]
        )
        manifest, _ = client.get(f"/v2/{repository}/manifests/{chosen['digest']}", ACCEPT)
    config = configuration(client, repository, manifest)
    return TagFacts(
        digest,
        sum(int(layer.get("size") or 0) for layer in manifest.get("layers") or []),
        platforms or ((platform_text(config),) if config else ()),
        parse_time(config.get("created")),
    )


def digest(client: RegistryClient, reference: Reference) -> str:
    """What its tag names now. Raises RegistryDown, RegistryRefused."""
    return client.digest(f"/v2/{reference.repository}/manifests/{reference.tag}", ACCEPT)


def configuration(
    client: RegistryClient, repository: str, manifest: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The image's configuration; nothing where the registry keeps it on another host."""
    digest = (manifest.get("config") or {}).get("digest")
    if not digest:
        return {}
    try:
        config, _ = client.get(f"/v2/{repository}/blobs/{digest}", "*/*")
    except RegistryRefused:
        return {}
    return config if isinstance(config, dict) else {}


def is_image(item: Mapping[str, Any]) -> bool:
    """Indexes also list attestations, under the platform unknown/unknown."""
    return bool((item.get("platform") or {}).get("os", "unknown") != "unknown")


def platform_text(platform: Mapping[str, Any]) -> str:
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    return "/".join(str(part) for part in parts if part)
