"""The settings of a server that is started for a test: its own, but that a password costs little.

Each start makes a superuser and most tests log in: a third of a second of both cores' time each.
"""

from dashboard.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
