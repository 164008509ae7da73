"""What was removed here, for a week: enough to make the same container again.

Its settings may hold secrets: they are sealed, judged as the container was, and go only into a run
of somebody who might have duplicated it.
"""

import asyncio
import json
import logging
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
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
from engine.threads import door
from engine.types import ContainerRow
from hosts.live import engine_of

DAYS = 7
MOST = 500  # of a team on a host, so that nobody pushes out what others removed
MOST_BYTES = 256 * 2**10  # of one, sealed
EVERY_SECONDS = 3600.0
RIGHT = "container.duplicate"
UNIQUE, AGAIN = ("host", "container_id"), ("name", "image", "team", "labels", "sealed", "removed")
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
def kept(target: ContainerTarget, known: Json | None = None) -> Iterator[None]:
    """What it is, is looked at before, and stays behind it; whose it was, it is no more. ``known``
    is its inspect, where that was asked for anyway."""
    sealed = look(target, known)
    yield
    keep(target, sealed)
    ownership.removed(target.host, target.id)


def look(target: ContainerTarget, known: Json | None = None) -> str:
    """Its settings, sealed, while it is there; "" where the engine does not tell them: what is to
    be removed goes all the same."""
    try:
        return closed(*inspected(target, known))
    except EngineError:
        return ""


def closed(container: Json, image: Json | None, info: Json) -> str:
    """Sealed; "" where it is too much. ``Removed.settings`` reads it."""
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
    row = RemovedContainer(host=target.host, container_id=target.id, name=target.name)
    row.removed, row.sealed, row.team = timezone.now(), sealed, book().owner(target.host, target.id)
    if target.row is not None:
        row.image, row.labels = target.row.image, seal(json.dumps(dict(target.row.labels)))
    those = RemovedContainer.objects.filter(host=target.host, team=row.team)
    try:
        with transaction.atomic():
            RemovedContainer.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=UNIQUE, update_fields=AGAIN
            )
            those.filter(pk__in=those.order_by("-removed", "-pk").values("pk")[MOST:]).delete()
    except DatabaseError as error:
        log.warning("the settings of %s are not kept: %s", target.name, error)


def find(host: str, container_id: str) -> "Removed | None":
    """One that is gone and can be made again, whoever asks."""
    found = at_hand(host, container_id)
    return found if found and found.settings is not None else None


def at_hand(host: str, container_id: str) -> "Removed | None":
    """The same, also where no key opens its settings any more."""
    if container_id in engine_of(host).mirror.snapshot.containers:
        return None
    row = within_days(host).filter(container_id=container_id).first()
    return Removed(row) if row else None


def of_host(actor: Actor, host: str, right: str = RIGHT) -> "Iterator[Removed]":
    """Those that the person could make again, the newest first. No settings are opened for it."""
    there = engine_of(host).mirror.snapshot.containers
    for row in within_days(host).defer("sealed"):
        if row.container_id not in there and may(actor, right, (removed := Removed(row)).target):
            yield removed


def within_days(host: str) -> QuerySet[RemovedContainer]:
    limit = timezone.now() - timedelta(days=DAYS)
    return RemovedContainer.objects.filter(host=host, removed__gte=limit)


class Removed:
    """One that was removed: what the gate judges, and what makes it again."""

    def __init__(self, row: RemovedContainer) -> None:
        self.row = row
        shown = ContainerRow(
            id=row.container_id,
            name=row.name,
            image=row.image,
            image_id="",
            command="",
            created=row.removed,
            state="",
            status="",
            labels=SealedLabels(row.labels),
        )
        self.target = RemovedTarget(
            "container", row.container_id, row.name, row.host, shown, row.team
        )

    @property
    def key(self) -> int:
        """The row's: of two the one that was removed later has the greater."""
        return self.row.pk

    @property
    def project(self) -> str:
        return self.target.row.project if self.target.row else ""

    @cached_property
    def settings(self) -> dict[str, Any] | None:
        """None where no key opens them any more."""
        try:
            text = zlib.decompress(b85decode(unseal(self.row.sealed)))
        except SealBroken:
            return None
        known: dict[str, Any] = json.loads(text)
        return known

    @property
    def original(self) -> Original:
        assert self.settings is not None  # as ``find`` gives it
        container: Json = self.settings["container"]
        return read(container, self.settings["image"], self.settings["info"])


class SealedLabels(Mapping[str, str]):
    """Labels that are opened once somebody's grant asks for them; none where no key opens them."""

    def __init__(self, sealed: str) -> None:
        self._sealed = sealed

    @cached_property
    def _labels(self) -> dict[str, str]:
        try:
            known: dict[str, str] = json.loads(unseal(self._sealed))
        except SealBroken:
            return {}
        return known

    def __getitem__(self, name: str) -> str:
        return self._labels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)


def address(host: str, container_id: str) -> str:
    """The form that runs it again."""
    return f"{reverse('container-run', args=[host])}?{urlencode({'from': container_id})}"
