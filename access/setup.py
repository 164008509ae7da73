"""The first superuser: by environment, or by a one-time link printed at start."""

import hashlib
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from access import door
from access.models import User
from access.targets import Target


def needed() -> bool:
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def from_environment() -> bool:
    """Make the superuser that ADMIN_USER and ADMIN_PASSWORD name, if there is none."""
    if not (settings.ADMIN_USER and settings.ADMIN_PASSWORD and needed()):
        return False
    name = settings.ADMIN_USER
    with door.by_command("user.create", Target("user", name, name), "ADMIN_USER", superuser=True):
        User.objects.create_superuser(name, password=settings.ADMIN_PASSWORD)
    return True


def new_token() -> str:
    """A new one-time token; the one before is void. Only its hash is kept."""
    token = secrets.token_urlsafe(24)
    path = token_file()
    path.write_text(digest(token))
    path.chmod(0o600)
    return token


def good(token: str) -> bool:
    try:
        kept = token_file().read_text()
    except FileNotFoundError:
        return False
    return needed() and secrets.compare_digest(kept, digest(token))


def use(token: str, username: str, password: str) -> User | None:
    """Make the first superuser; None where the token is not (or no longer) good."""
    with transaction.atomic():
        if not good(token):
            return None
        validate_password(password)
        user = User.objects.create_superuser(username, password=password)
    token_file().unlink(missing_ok=True)
    return user


def token_file() -> Path:
    return Path(settings.DATA_DIR) / "setup-token"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
