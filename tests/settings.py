"""The site's settings for tests: a data directory of the run's own, quick password hashes."""

import atexit
import os
import shutil
import tempfile

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="wharfinger-test-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("DOCKER_HOST", os.environ.get("TEST_DOCKER_HOST", "unix:///nowhere.sock"))
os.environ.setdefault("HOST_SLUG", "dock")

from dashboard.settings import *  # noqa: E402, F403

# In a file as in production: the shared memory database of Django's tests locks otherwise.
DATABASES["default"]["TEST"] = {"NAME": f"{DATA_DIR}/test.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
