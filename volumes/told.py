"""A volume as the JSON API tells it."""

from datetime import datetime

from access.secrets import masked, masked_pairs, masked_text
from engine.snapshot import Snapshot
from engine.volume_rows import VolumeRow
from web.operations import Out


class VolumeOut(Out):
    """``size`` in bytes, null where nobody measured it yet (``/hosts/{host}/disk``).
    ``containers`` are ids of those that have it and that you may see. Values that look secret
    are masked."""

    name: str
    driver: str
    created: datetime
    scope: str
    mountpoint: str
    size: int | None
    labels: dict[str, str]
    options: dict[str, str]
    containers: list[str]


def told(row: VolumeRow, sight: Snapshot, sizes: dict[str, int]) -> VolumeOut:
    return VolumeOut(
        name=row.name,
        driver=row.driver,
        created=row.created,
        scope=row.scope,
        mountpoint=row.mountpoint,
        size=sizes.get(row.name),
        labels=dict(masked_pairs(row.labels.items())),
        options={name: masked_text(masked(name, text)) for name, text in row.options.items()},
        containers=[user.id for user in sight.containers_of_volume(row.name)],
    )
