"""Rows to test lists with, without an engine."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine.types import ContainerRow

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_ROW = ContainerRow(
    id="a" * 64,
    name="shop-web",
    image="ghcr.io/acme/shop-web:2.41.0",
    image_id="f" * 64,
    command="sh",
    created=NOW,
    state="running",
    status="Up 3 days",
)


def row(**fields: Any) -> ContainerRow:
    return replace(_ROW, **fields)


def rows(count: int, **fields: Any) -> list[ContainerRow]:
    return [row(id=f"{n:064x}", name=f"c{n:05}", **fields) for n in range(count)]
