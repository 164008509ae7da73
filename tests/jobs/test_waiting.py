"""What waits for its job: refused, it waits no more."""

import pytest

from jobs import waiting
from jobs.waiting import Waiting


def test_what_is_refused_puts_out_nobody_elses() -> None:
    asked = Waiting[str]()
    first = asked.put("theirs")
    for number in range(2 * waiting.MOST_WAITING):
        key = asked.put(str(number))
        with pytest.raises(ValueError, match="refused"), asked.held(key):
            raise ValueError("refused")
    assert asked.get(first) == "theirs"
    with asked.held(key := asked.put("mine")):
        pass
    assert asked.get(key) == "mine"
