"""Which logins still stand: for what outlives the request that it was opened with."""

from collections.abc import Collection

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from access import second_factor
from access.actors import Actor, hash_of_session
from access.models import Login, User


def actors_of(keys: Collection[str]) -> dict[str, Actor]:
    """Session key → who it is now, for those that stand: not logged out, not expired, the person
    neither disabled, nor with a new password, nor without a second factor that is asked of them.
    Two queries, however many keys, where none is asked of anybody."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    ids = {data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    found = {}
    for key, data in sessions.items():
        user = users.get(str(data.get(SESSION_KEY)))
        if user is None or second_factor.owed(user, data):
            continue
        if same_password(user, str(data.get(HASH_SESSION_KEY, ""))):
            found[key] = Actor.of_user(user, session=hash_of_session(key))
    return found


def standing(digests: set[str]) -> set[str]:
    """Those of the logins, by their digests, that have not ended."""
    keys = dict(Login.objects.filter(digest__in=digests).values_list("session_id", "digest"))
    return {keys[key] for key in actors_of(keys)}


def same_password(user: User, kept: str) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(kept, each) for each in hashes)
