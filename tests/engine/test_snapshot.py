"""Snapshots, their changes, and finding an object by what people write."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from engine.changes import MOST_IDS, ChangeSubscription, EventSubscription, merged
from engine.references import familiar
from engine.snapshot import Change, Snapshot
from engine.types import ContainerRow, EngineEvent, EngineState, ImageRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRIVATE = "127.0.0.1:5000/team/busybox:1"
WEB, DB = "ab12" + "0" * 60, "ab13" + "0" * 60
BUSYBOX, ALPINE = "cd" + "1" * 62, "cd" + "2" * 62


def container(id: str, name: str, **fields: object) -> ContainerRow:
    row = ContainerRow(id, name, "busybox", BUSYBOX, "sh", NOW, "running", "Up 3 seconds")
    return replace(row, **fields)  # type: ignore[arg-type]


def image(id: str, *tags: str, **fields: object) -> ImageRow:
    return replace(ImageRow(id, tags, (), NOW, 1), **fields)  # type: ignore[arg-type]


def rows(*found: ContainerRow | ImageRow) -> MappingProxyType:
    return MappingProxyType({row.id: row for row in found})


FIRST, _ = Snapshot().next(
    containers=rows(container(WEB, "web"), container(DB, "db")),
    images=rows(
        image(
            BUSYBOX, "busybox:latest", "127.0.0.1:5000/team/busybox:1", layer_digests=("sha256:a",)
        ),
        image(ALPINE, digests=("alpine@sha256:feed",), layer_digests=("sha256:a", "sha256:b")),
    ),
)


def test_a_change_names_what_came_changed_and_went() -> None:
    after, change = FIRST.next(
        containers=rows(container(WEB, "web", state="paused"), container("f" * 64, "new"))
    )
    assert change == Change(2, frozenset({WEB, DB, "f" * 64}), frozenset({BUSYBOX}))
    assert (after.version, after.versions[WEB], DB in after.versions) == (2, 2, False)
    assert after.versions[ALPINE] == 1


def test_an_older_status_text_is_kept_but_is_no_change() -> None:
    after, change = FIRST.next(
        containers=rows(container(WEB, "web", status="Up 2 hours"), container(DB, "db"))
    )
    assert change == Change(1)
    assert after.version == 1
    assert after.containers[WEB].status == "Up 2 hours"


def test_health_is_a_change_although_it_is_read_from_the_status() -> None:
    healthy = container(WEB, "web", status="Up 3 seconds (healthy)", health="healthy")
    _, change = FIRST.next(containers=rows(healthy, container(DB, "db")))
    assert change.containers == {WEB}
    assert not change.images


def test_the_state_of_the_engine_is_a_change_of_its_own() -> None:
    down, change = FIRST.next(state=EngineState.DOWN, error="connection refused")
    assert change == Change(2, state_changed=True)
    assert down.containers == FIRST.containers
    _, again = down.next(state=EngineState.DOWN, error="connection refused", seen_at=NOW)
    assert again == Change(2)


@pytest.mark.parametrize("ref", [WEB, "web", "/web", "ab12", "ab120"])
def test_a_container_is_found_by(ref: str) -> None:
    assert FIRST.find_container(ref) == FIRST.containers[WEB]


@pytest.mark.parametrize("ref", ["", "we", "ab1", "ab1" * 2, "WEB", "sha256:ab12"])
def test_a_container_is_not_found_by(ref: str) -> None:
    assert FIRST.find_container(ref) is None


@pytest.mark.parametrize(
    "ref",
    [
        BUSYBOX,
        f"sha256:{BUSYBOX}",
        BUSYBOX[:12],
        "busybox",
        "busybox:latest",
        "docker.io/busybox",
        "docker.io/library/busybox:latest",
        PRIVATE,
    ],
)
def test_an_image_is_found_by(ref: str) -> None:
    assert FIRST.find_image(ref) == FIRST.images[BUSYBOX]


@pytest.mark.parametrize("ref", ["", "cd", "busybox:2", "team/busybox:1", "alpine"])
def test_an_image_is_not_found_by(ref: str) -> None:
    assert FIRST.find_image(ref) is None


def test_an_image_is_found_by_its_digest() -> None:
    assert FIRST.find_image("alpine@sha256:feed") == FIRST.images[ALPINE]
    assert FIRST.find_image("docker.io/library/alpine:3@sha256:feed") == FIRST.images[ALPINE]


def test_who_uses_an_image_and_who_shares_a_layer() -> None:
    assert [row.name for row in FIRST.containers_of_image(BUSYBOX)] == ["db", "web"]
    assert FIRST.containers_of_image(ALPINE) == ()
    assert {row.id for row in FIRST.images_sharing("sha256:a")} == {BUSYBOX, ALPINE}
    assert FIRST.images_sharing("sha256:c") == ()


@pytest.mark.parametrize(
    ("reference", "short"),
    [
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("index.docker.io/library/a:1", "a:1"),
        ("docker.io/team/a", "team/a:latest"),
        ("ghcr.io/library/a:1", "ghcr.io/library/a:1"),
    ],
)
def test_a_reference_in_short(reference: str, short: str) -> None:
    assert familiar(reference) == short


async def test_unread_changes_merge_into_one() -> None:
    subscription = ChangeSubscription(1)
    subscription.push(Change(2, frozenset({WEB})))
    subscription.push(Change(3, frozenset({DB}), state_changed=True))
    assert await anext(subscription) == Change(3, frozenset({WEB, DB}), state_changed=True)


def test_too_many_ids_are_named_no_more() -> None:
    many = frozenset(str(number) for number in range(MOST_IDS + 1))
    change = merged(Change(1), Change(2, many))
    assert change == Change(2, everything=True)
    assert merged(change, Change(3, frozenset({WEB}))) == Change(3, everything=True)


async def test_a_slow_reader_of_events_loses_the_oldest_and_knows_how_many() -> None:
    subscription = EventSubscription(most=2)
    for number in range(5):
        subscription.push(EngineEvent("container", "start", str(number), 0))
    assert [(await anext(subscription)).id, (await anext(subscription)).id] == ["3", "4"]
    assert subscription.dropped == 3
