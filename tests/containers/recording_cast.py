"""Hosts that want recordings, and what one holds."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from audit import shelf
from audit.models import Entry, Kept, Recording
from hosts.models import Host
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Wanted = Callable[[str], None]


@pytest.fixture
def wanted(runtime: Loop, settings: LazySettings) -> Iterator[Wanted]:
    def set(mode: str) -> None:
        Host.objects.filter(slug="dock").update(recording=mode)

    yield set
    for left in shelf.directory().iterdir():
        left.unlink()


def ended(shell: Terminal) -> Recording:
    """The recording of a terminal that has ended."""
    shell.ending(30)
    row = until(lambda: Recording.objects.exclude(state=Kept.RUNNING).first(), 20)
    until(lambda: Entry.objects.filter(intent_seq=row.intent_seq).exists(), 20)
    return row


def cast_of(row: Recording) -> list[Any]:
    with shelf.opened(row) as file:
        return [json.loads(line) for line in file]


def text_of(row: Recording) -> str:
    return "".join(event[2] for event in cast_of(row)[1:] if event[1] == "o")
