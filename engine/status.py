"""The sentence ``docker ps`` shows for a container, from its inspect. Pure."""

from datetime import datetime, timedelta

from engine.answers import Json, parse_time


def health_text(state: Json) -> str:
    health = str((state.get("Health") or {}).get("Status") or "")
    return "" if health == "none" or not state.get("Running") else health


def status_text(state: Json, now: datetime) -> str:
    """The sentence ``docker ps`` shows, from an inspect's State."""
    started, finished = parse_time(state.get("StartedAt")), parse_time(state.get("FinishedAt"))
    code = state.get("ExitCode") or 0
    if state.get("Restarting"):
        return f"Restarting ({code}) {duration_text(now - (finished or now))} ago"
    if state.get("Running"):
        up = f"Up {duration_text(now - (started or now))}"
        if state.get("Paused"):
            return f"{up} (Paused)"
        health = health_text(state)
        return f"{up} ({'health: ' * (health == 'starting')}{health})" if health else up
    status = str(state.get("Status") or "")
    if status == "removing":
        return "Removal In Progress"
    if state.get("Dead"):
        return "Dead"
    if started is None:
        return "Created"
    return f"Exited ({code}) {duration_text(now - finished)} ago" if finished else ""


def duration_text(span: timedelta) -> str:
    """A duration in the engine's words, rounded as it rounds."""
    seconds = max(0, int(span.total_seconds()))
    minutes, hours = seconds // 60, int(seconds / 3600 + 0.5)
    if seconds < 2:
        return "1 second" if seconds else "Less than a second"
    if minutes < 2:
        return f"{seconds} seconds" if not minutes else "About a minute"
    if hours < 2:
        return f"{minutes} minutes" if minutes < 60 else "About an hour"
    for limit, size, word in (
        (48, 1, "hours"),
        (24 * 14, 24, "days"),
        (24 * 60, 24 * 7, "weeks"),
        (24 * 730, 24 * 30, "months"),
    ):
        if hours < limit:
            return f"{hours // size} {word}"
    return f"{seconds // (3600 * 24 * 365)} years"
