"""A container's state: one chip for lists, heads, networks, volumes and images alike."""

from typing import Any

import pytest

from tests.containers.rows import row
from web.states import chip_of, state_words

ENDED = {"state": "exited", "health": ""}


@pytest.mark.parametrize(
    ("fields", "tone", "words"),
    [
        ({"state": "running", "health": ""}, "ok", "Running"),
        ({"state": "running", "health": "unhealthy"}, "bad", "Unhealthy"),
        ({"state": "restarting", "health": "unhealthy"}, "warn", "Restarting"),
        ({**ENDED, "exit_code": 0}, "idle", "Exited (0)"),
        ({**ENDED, "exit_code": 3}, "bad", "Exited (3)"),
        ({**ENDED, "exit_code": 143}, "idle", "Exited (143)"),
        ({**ENDED, "exit_code": 137, "oom_killed": True}, "bad", "Out of memory (137)"),
        ({"state": "odd", "health": ""}, "idle", "odd"),
    ],
)
def test_the_word_and_its_tone_are_of_one_mind(fields: Any, tone: str, words: str) -> None:
    found = row(**fields)
    assert (chip_of(found).tone, state_words(found)) == (tone, words)
