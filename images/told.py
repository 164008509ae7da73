"""An image as the JSON API tells it."""

from datetime import datetime

from access.secrets import masked_pairs
from engine.snapshot import Snapshot
from engine.types import ImageRow
from images.newer import Answers, Newer, Standing, of_image, standings
from web.operations import Out


class TagOut(Out):
    """What the registry of one tag said when it was asked: the digest that the tag named at
    ``checked``; or why it did not say at ``tried``, as ``problem``."""

    reference: str
    state: Newer
    digest: str
    checked: datetime | None
    problem: str
    tried: datetime | None


class NewerOut(Out):
    """Whether a registry has something newer under one of its tags: `yes`, `no`, `unknown` (it was
    not asked, or did not say), `none` (no tag of it came from a registry)."""

    state: Newer
    tags: list[TagOut]


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
    newer: NewerOut


def told(row: ImageRow, snapshot: Snapshot, answers: Answers) -> ImageOut:
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
        newer=NewerOut(
            state=of_image(row, answers),
            tags=[tag_told(each) for each in standings(row, answers)],
        ),
    )


def tag_told(tag: Standing) -> TagOut:
    return TagOut(
        reference=tag.reference,
        state=tag.newer,
        digest=tag.digest,
        checked=tag.checked,
        problem=tag.problem,
        tried=tag.tried,
    )
