"""Lists of rows that are shown in place of the engine's."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest

from containers.views import rows as row_cache
from engine.types import ContainerRow
from hosts.live import engine_of

LIST = "/hosts/dock/containers/"
PROJECT = "com.docker.compose.project"


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[ContainerRow]], None]]:
    """Show these rows in place of the engine's."""
    row_cache._kept.clear()

    def show(some: list[ContainerRow]) -> None:
        engine = engine_of("dock")
        held = MappingProxyType({row.id: row for row in some})
        snapshot = replace(engine.mirror.snapshot, containers=held)
        monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=snapshot))

    yield show
    row_cache._kept.clear()


def shown(html: bytes) -> list[str]:
    return re.findall(r'<tr id="c-([0-9a-f]{64})"', html.decode())
