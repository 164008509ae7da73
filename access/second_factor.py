"""Codes of an authenticator app (TOTP, RFC 6238), and the recovery codes that stand in for it."""

import hashlib
import logging
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.safestring import SafeString, mark_safe

from access.models import RecoveryCode, SecondFactor, User
from access.sealing import SealBroken, reseal, seal, unseal

STEP_SECONDS = 30
DRIFT = (-1, 0, 1)  # a clock may be half a minute wrong
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike
SET_UP_WITHIN = timedelta(minutes=15)
OFF, SUPERUSERS, ALL = "off", "superusers", "all"  # REQUIRE_TOTP
SIGN_ON = "sign_on"  # access.sign_on.KEPT, which stands above this
log = logging.getLogger("access")


def of(user: User) -> SecondFactor | None:
    """The one that is set up; None where there is none (yet)."""
    return SecondFactor.objects.filter(user=user, confirmed__isnull=False).first()


def owed(user: User | AnonymousUser, session: Mapping[str, Any]) -> bool:
    """Whether the site asks for one that this person has not: until then they may do nothing.

    Whom a sign-on service vouches for is asked by that service.
    """
    if settings.REQUIRE_TOTP == OFF or not isinstance(user, User) or session.get(SIGN_ON):
        return False
    return (settings.REQUIRE_TOTP == ALL or user.is_superuser) and of(user) is None


def begin(user: User) -> str:
    """The secret to put into the app; the same for a while, so that a reload changes nothing.

    For somebody who has none that is set up: the one in use is never shown again.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two pages of theirs: one after the other
        return pending_secret(user) or new_secret(user)


def pending_secret(user: User) -> str:
    """Of what is being set up; "" where nothing is, or not any more."""
    since = timezone.now() - SET_UP_WITHIN
    pending = SecondFactor.objects.filter(user=user, confirmed=None, made__gt=since).first()
    try:
        return unseal(pending.sealed_secret) if pending else ""
    except SealBroken:
        log.warning("a second factor that is being set up opens with no key: a new one is made")
        return ""


def new_secret(user: User) -> str:
    import pyotp  # noqa: PLC0415  (few requests need it)

    secret = pyotp.random_base32()
    SecondFactor.objects.filter(user=user, confirmed=None).delete()
    SecondFactor.objects.create(user=user, sealed_secret=seal(secret), made=timezone.now())
    return secret


def address_of(user: User, secret: str) -> str:
    """The otpauth:// address that apps read; named so that two sites are told apart."""
    import pyotp  # noqa: PLC0415

    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Wharfinger")


def picture_of(address: str) -> SafeString:
    """The address as a QR code: inline SVG, black on white in every theme."""
    import segno  # noqa: PLC0415

    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr")
    return mark_safe(svg)  # noqa: S308  (only numbers: nothing of the address is in it as text)


def confirm(user: User, code: str) -> list[str] | None:
    """Set it up, if the app shows the right code. Its recovery codes, or None."""
    pending = SecondFactor.objects.filter(user=user, confirmed=None).first()
    step = step_of(pending, code) if pending else None
    if step is None:
        return None
    with transaction.atomic():
        first = SecondFactor.objects.filter(user=user, confirmed=None).update(
            confirmed=timezone.now(), last_step=step
        )
        return new_recovery_codes(user) if first else None


def accepts(user: User, code: str) -> str:
    """By what it is right: "app" or "recovery"; "" where it is wrong. A right code is used up."""
    found = of(user)
    if found is None:
        return ""
    typed = "".join(code.split())
    step = step_of(found, typed)
    if step is not None:
        later = SecondFactor.objects.filter(user=user, last_step__lt=step)
        return "app" if later.update(last_step=step) else ""
    unused = RecoveryCode.objects.filter(user=user, digest=digest(typed), used=None)
    return "recovery" if unused.update(used=timezone.now()) else ""


def step_of(factor: SecondFactor, code: str) -> int | None:
    """The time step that the code is of."""
    import pyotp  # noqa: PLC0415

    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    try:
        totp = pyotp.TOTP(unseal(factor.sealed_secret))
    except SealBroken:
        log.error("%s opens with no key: only a recovery code or a reset helps", factor)
        return None
    now = int(time.time()) // STEP_SECONDS
    fits = [now + by for by in DRIFT if constant_time_compare(totp.generate_otp(now + by), code)]
    return max(fits, default=None)


def new_recovery_codes(user: User) -> list[str]:
    """Shown once; the ones before are void."""
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, digest=digest(code)) for code in codes
        )
    return codes


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used=None).count()


def digest(code: str) -> str:
    """79 random bits need no slow hash."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode()).hexdigest()


def reseal_all() -> list[str]:
    """All keys of apps under the newest key; the names of those whose own opens with none."""
    broken = []
    for factor in SecondFactor.objects.select_related("user"):
        try:
            sealed = reseal(factor.sealed_secret)
        except SealBroken:
            broken.append(factor.user.username)
            continue
        SecondFactor.objects.filter(pk=factor.pk).update(sealed_secret=sealed)
    return broken


def forget(user: User) -> bool:
    """Whether there was one."""
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        gone, _by_model = SecondFactor.objects.filter(user=user).delete()
    return gone > 0
