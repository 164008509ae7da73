"""What was removed here, for a week: enough to make the same container again.

Its settings may hold secrets: they are sealed, judged as the container was, and go only into a run
of somebody who might have duplicated it.
"""

import asyncio
import json
import logging
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from access import ownership
from access.actors import Actor
from access.book import book
from access.gate import may
from access.sealing import SealBroken, seal, unseal
from access.targets import ContainerTarget, RemovedTarget
from containers.models import RemovedContainer
from containers.originals import Original, inspected, read
from engine.answers import Json
from engine.errors import EngineError
from engine.rows import container_from_inspect
from engine.threads import door
from hosts.live import engine_of

DAYS = 7
MOST = 500  # of a host
MOST_BYTES = 256 * 2**10  # of one, sealed
EVERY_SECONDS = 3600.0
RIGHT = "container.duplicate"
ENGINE_FACTS = ("CgroupVersion", "LoggingDriver", "DefaultRuntime", "Name")
log = logging.getLogger(__name__)


async def serve() -> None:
    """Forget what is too old; until cancelled."""
    while True:
        try:
            await door.run(forget_old)
        except DatabaseError as error:
            log.warning("what was removed is not forgotten yet: %s", error)
        await asyncio.sleep(EVERY_SECONDS)


def forget_old() -> None:
    limit = timezone.now() - timedelta(days=DAYS)
    RemovedContainer.objects.filter(removed__lt=limit).delete()


@contextmanager
def kept(target: ContainerTarget) -> Iterator[None]:
    """What it is, is looked at before, and stays behind it; whose it was, it is no more."""
    sealed = look(target)
    yield
    keep(target, sealed)
    ownership.removed(target.host, target.id)


def look(target: ContainerTarget) -> str:
    """Its settings, sealed, while it is there; "" where the engine does not tell them: what is to
    be removed goes all the same."""
    try:
        return closed(*inspected(target))
    except EngineError:
        return ""


def closed(container: Json, image: Json | None, info: Json) -> str:
    """Sealed; "" where it is too much. ``opened`` reads it."""
    kept = {
        "container": {name: part for name, part in container.items() if name != "State"},
        "image": {"Config": image.get("Config")} if image else None,
        "info": {name: info[name] for name in ENGINE_FACTS if name in info},
    }
    sealed = seal(b85encode(zlib.compress(json.dumps(kept).encode())).decode())
    return sealed if len(sealed) <= MOST_BYTES else ""


def keep(target: ContainerTarget, sealed: str) -> None:
    """It was removed. That this cannot be written does not undo it."""
    if not sealed:
        return
    about = {"name": target.name, "team": book().owner(target.host, target.id), "sealed": sealed}
    about["image"] = target.row.image if target.row else ""
    those = RemovedContainer.objects.filter(host=target.host)
    try:
        those.update_or_create(
            host=target.host, container_id=target.id, defaults=about | {"removed": timezone.now()}
        )
        over = those.order_by("-removed", "-pk").values_list("pk", flat=True)[MOST:]
        RemovedContainer.objects.filter(pk__in=list(over)).delete()
    except DatabaseError as error:
        log.warning("the settings of %s are not kept: %s", target.name, error)


def find(host: str, container_id: str) -> "Removed | None":
    """One that is gone, whoever asks."""
    if container_id in engine_of(host).mirror.snapshot.containers:
        return None
    limit = timezone.now() - timedelta(days=DAYS)
    row = RemovedContainer.objects.filter(
        host=host, container_id=container_id, removed__gte=limit
    ).first()
    return opened(row) if row else None


def of_host(actor: Actor, host: str) -> "Iterator[Removed]":
    """Those that the person could make again, the newest first."""
    limit = timezone.now() - timedelta(days=DAYS)
    there = engine_of(host).mirror.snapshot.containers
    for row in RemovedContainer.objects.filter(host=host, removed__gte=limit):
        found = None if row.container_id in there else opened(row)
        if found is not None and may(actor, RIGHT, found.target):
            yield found


class Removed:
    """One that was removed: what the gate judges, and what makes it again."""

    def __init__(self, row: RemovedContainer, kept: dict[str, Any]) -> None:
        self.row, self.kept = row, kept
        known = container_from_inspect(kept["container"])
        shown = replace(known, name=row.name, image=row.image)
        self.target = RemovedTarget(
            "container", row.container_id, row.name, row.host, shown, row.team
        )

    @property
    def original(self) -> Original:
        container: Json = self.kept["container"]
        return read(container, self.kept["image"], self.kept["info"])


def address(host: str, container_id: str) -> str:
    """The form that runs it again."""
    return f"{reverse('container-run', args=[host])}?{urlencode({'from': container_id})}"


def opened(row: RemovedContainer) -> Removed | None:
    """None where no key opens it any more."""
    try:
        text = zlib.decompress(b85decode(unseal(row.sealed)))
    except SealBroken:
        return None
    return Removed(row, json.loads(text))
