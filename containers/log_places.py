"""Where a link opens a log: at a moment, which is the fragment of the log page's address."""

from datetime import UTC, datetime, timedelta

from engine.types import ContainerRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATE = timedelta(seconds=1)  # a line's time is when the engine read it: the last come after the end


def at_moment(at: datetime) -> str:
    """``#`` and the engine's nanoseconds: what was logged around then."""
    return f"#{(at - EPOCH) // timedelta(microseconds=1) * 1000}"


def at_end(row: ContainerRow) -> str:
    """The last that it logged, also once it runs again; "" where it runs or never did."""
    ended = row.state not in ("running", "paused") and row.finished_at is not None
    return at_moment(row.finished_at + LATE) if ended and row.finished_at else ""
