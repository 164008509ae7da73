"""How soon somebody who failed may try again; kept in the database, so a restart forgets nothing.

A try is counted as a failure before it is judged, and taken back when it was right: a hundred
tries at once are still a hundred. Each counter has some free failures, then a wait that doubles
with each further one, up to a quarter of an hour; and it forgets a failure every so often.

Who logs in is judged by the browser that has logged in to this account before, where it has
(``devices``), and by nothing else: so whatever strangers do, they cannot keep its person out.
Everybody else is judged by three counters: this account from this address, this address for all
accounts, this account from all addresses. An attacker at one address fills the first two; the
person at another address is let in. Only many addresses together fill the third.
"""

import ipaddress
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from access.errors import TooSoon
from access.models import Failures

LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Counter:
    """``free`` failures without a wait; one is forgotten every ``forgets``. One that is ``own``
    starts anew when somebody was right: nobody else's tries are in it."""

    key: str
    free: int
    forgets: timedelta
    own: bool = True


def of_login(username: str, address: str, device: str) -> list[Counter]:
    """``device`` is "" for a browser that this account does not know."""
    name = unicodedata.normalize("NFKC", username).casefold()
    if device:
        return [counter("device", name, device)]
    place = network(address)
    return [
        counter("account-address", name, place),
        Counter(key_of("address", place), 20, timedelta(minutes=3), own=False),
        Counter(key_of("account", name), 50, timedelta(seconds=36), own=False),
    ]


def of_code(user_id: int, device: str) -> list[Counter]:
    """The second step of a login: whoever comes here has the password."""
    return [counter("code", str(user_id), device)]


def of_proof(user_id: int) -> list[Counter]:
    """Who one is, asked for again in a login that stands."""
    return [counter("proof", str(user_id))]


def counter(*parts: str) -> Counter:
    return Counter(key_of(*parts), 5, timedelta(minutes=15))


def key_of(*parts: str) -> str:
    """Tells nobody which name was tried: people type passwords into the wrong field."""
    return salted_hmac("access.throttle", "\0".join(parts), algorithm="sha256").hexdigest()


def network(address: str) -> str:
    """One who has an IPv6 address has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class Try:
    """One that may be judged now, and counts as a failure unless ``was_right``."""

    def __init__(self, taken: dict[str, int], counters: list[Counter]) -> None:
        self._taken, self._counters = taken, counters
        self.good = False

    def was_right(self) -> None:
        self.good = True

    def take_back(self) -> None:
        """Of what others share only this one try; what one has alone starts anew."""
        now = timezone.now()
        with transaction.atomic():
            for each in self._counters:
                row = Failures.objects.select_for_update().filter(key=each.key).first()
                if row is None:
                    continue
                alone = row.count == self._taken[each.key]
                row.count = 0 if each.own else max(0, row.count - 1)
                row.until = now if each.own or alone else row.until
                row.save()


@contextmanager
def judged(counters: list[Counter]) -> Iterator[Try]:
    """Around one judging of a password or code. Raises TooSoon: then nothing may be judged."""
    attempt = Try(take(counters), counters)
    yield attempt
    if attempt.good:
        attempt.take_back()


def take(counters: list[Counter]) -> dict[str, int]:
    """Count one failure for each; key → what it is counted as now. Raises TooSoon."""
    now = timezone.now()
    keys = [each.key for each in counters]
    known = list(Failures.objects.filter(key__in=keys, until__gt=now))
    if known and all(row.told for row in known):
        # Nothing is written: a flood of names must not become one of rows.
        raise TooSoon(max(row.until for row in known) - now)
    with transaction.atomic():
        rows = {each.key: row_of(each.key, now) for each in sorted(counters, key=lambda c: c.key)}
        waiting = [row for row in rows.values() if row.until > now]
        news = any(not row.told for row in waiting)
        if news:
            Failures.objects.filter(key__in=[row.key for row in waiting]).update(told=True)
        if not waiting:
            for each in counters:
                count_one(rows[each.key], each, now)
            Failures.objects.filter(counted__lt=now - FORGOTTEN_AFTER).delete()
    if waiting:
        raise TooSoon(max(row.until for row in waiting) - now, news)
    return {key: row.count for key, row in rows.items()}


def row_of(key: str, now: datetime) -> Failures:
    row, _new = Failures.objects.select_for_update().get_or_create(
        key=key, defaults={"counted": now, "until": now}
    )
    return row


def count_one(row: Failures, counter: Counter, now: datetime) -> None:
    forgotten = min(row.count, (now - row.counted) // counter.forgets)
    row.count -= forgotten
    row.counted = row.counted + forgotten * counter.forgets if row.count else now
    row.count += 1
    row.until = now + wait_after(row.count - counter.free)
    row.told = False
    row.save()


def wait_after(beyond: int) -> timedelta:
    """1 s after the first failure that is not free, then 2, 4, 8 … up to LONGEST."""
    if beyond <= 0:
        return timedelta(0)
    return min(LONGEST, timedelta(seconds=2 ** min(beyond - 1, 20)))
