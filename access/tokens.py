"""API tokens: what a secret of ours looks like, who it is, and whether it still stands.

A token acts in its maker's name, with the maker's rights as they are now and no more than its own
scope; the gate draws the line (``access.gate``), at each use.
"""

import base64
import hashlib
import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from access.actors import Actor
from access.effective import of_person
from access.models import ApiToken, User
from access.rights import RIGHTS
from access.scopes import NEVER, Scope

PREFIX = "wharf_"
RANDOM_BYTES = 20  # 160 bits: 32 letters of base32
DAYS = 90  # unless said otherwise
MOST_DAYS = 730
MOST_EACH = 50  # tokens of one person that stand
USE_NOTED = timedelta(minutes=1)  # a busy program writes its last use no more often
log = logging.getLogger("access")
_SECRET = re.compile(PREFIX + "[a-z2-7]{32}")


class BadToken(Exception):
    """401: the token is not one, or stands no more. One sentence for all that cannot be proved."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that stands, and who it acts for."""

    token: ApiToken
    actor: Actor


def new_secret() -> str:
    text = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()
    return PREFIX + text


def digest_of(secret: str) -> str:
    """Of 160 random bits a plain hash tells nothing: there is no word list to try."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str) -> ApiToken | None:
    """The row of a secret while it stands and its maker may log in. One query."""
    if not _SECRET.fullmatch(secret):
        return None
    row = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
    return row if row is not None and not row.over and row.user.is_active else None


def bearer_of(secret: str, address: str, browser: str = "") -> Bearer:
    """Who a secret is, from this address. Raises BadToken; notes the use."""
    row = find(secret)
    if row is None:
        raise BadToken(_("This token is not known, was revoked, or is too old."))
    if not comes_from(address, row.networks):
        raise BadToken(_("This token may not be used from your address."))
    note_use(row, address)
    return Bearer(row, actor_of(row, address=address, browser=browser))


def actor_of(row: ApiToken, **origin: str) -> Actor:
    return Actor.of_user(row.user, scope=scope_of(row), **origin)


def scope_of(row: ApiToken) -> Scope:
    return Scope(
        token_id=row.pk,
        name=row.name,
        rights=frozenset(row.rights) - NEVER,
        hosts=frozenset(row.hosts),
        superuser=row.user.is_superuser,
        auditor=row.user.auditor,
    )


def comes_from(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of the ranges; without any range every address is."""
    ranges = [ip_network(text) for text in networks]
    if not ranges:
        return True
    try:
        there = ip_address(address)
    except ValueError:
        return False
    mapped = there.ipv4_mapped if isinstance(there, IPv6Address) else None
    return any((mapped or there) in each for each in ranges)


def note_use(row: ApiToken, address: str) -> None:
    """Where it cannot be written, as on a full disk, reading goes on."""
    now = timezone.now()
    if row.last_used is None or now - row.last_used > USE_NOTED or row.last_address != address:
        try:
            ApiToken.objects.filter(pk=row.pk).update(last_used=now, last_address=address[:45])
        except DatabaseError as error:
            log.error("the use of token %d could not be noted: %s", row.pk, error)


def grantable(user: User) -> list[str]:
    """The rights that the person has somewhere now, and that a token may have."""
    held = {why.right for why in of_person(user)} - NEVER
    return [name for name in RIGHTS if name in held]
