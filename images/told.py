"""An image as the JSON API tells it."""

from datetime import datetime

from access.secrets import masked_pairs
from engine.snapshot import Snapshot
from engine.types import ImageRow
from web.operations import Out


class ImageOut(Out):
    """Sizes in bytes; ``containers`` are ids of those made from it that you may see."""

    id: str
    tags: list[str]
    digests: list[str]
    created: datetime
    size: int
    shared_size: int | None
    platform: str
    labels: dict[str, str]
    containers: list[str]


def told(row: ImageRow, snapshot: Snapshot) -> ImageOut:
    return ImageOut(
        id=row.id,
        tags=list(row.tags),
        digests=list(row.digests),
        created=row.created,
        size=row.size,
        shared_size=row.shared_size,
        platform=row.platform,
        labels=dict(masked_pairs(row.labels.items())),
        containers=[user.id for user in snapshot.containers_of_image(row.id)],
    )
