"""The site's settings for tests: a data directory of the run's own, quick password hashes."""

import os
import tempfile

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="wharfinger-test-")
os.environ.setdefault("DOCKER_HOST", os.environ.get("TEST_DOCKER_HOST", "unix:///nowhere.sock"))
os.environ.setdefault("HOST_SLUG", "dock")

from dashboard.settings import *  # noqa: E402, F403

# A file, as in production: threads that share SQLite in memory lock each other out.
DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405
# In a file as in production: the shared memory database of Django's tests locks otherwise.
DATABASES["default"]["TEST"] = {"NAME": f"{DATA_DIR}/test.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
