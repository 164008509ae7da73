"""The site's settings; what an operator may choose comes from the environment: docs/settings.md."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from dashboard import environment as env

# Django's generic classes take their type argument at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

DEBUG = env.flag("DEBUG")
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "data")
SECRET_KEY = env.secret_key(DATA_DIR)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, 0, 65535)
PUBLIC_URL = env.web_address("PUBLIC_URL")
DOCKER_HOST = env.engine_address("DOCKER_HOST", "unix:///var/run/docker.sock")
HOST_SLUG = env.slug("HOST_SLUG", "local")
HOST_PUBLIC_NAME = env.text("HOST_PUBLIC_NAME")
ADMIN_USER = env.text("ADMIN_USER")
ADMIN_PASSWORD = env.text("ADMIN_PASSWORD")
BIND_ALLOW = env.host_paths("BIND_ALLOW")
SPOOL_BYTES = env.number("SPOOL_BYTES", 10 * 2**30, 2**20)
UPLOAD_BYTES = env.number("UPLOAD_BYTES", 5 * 2**30, 2**20)
SOCKETS_PER_PERSON = env.number("SOCKETS_PER_PERSON", 20, 1, 100_000)
SOCKET_PING_SECONDS = env.number("SOCKET_PING_SECONDS", 15, 1, 3600)
BUILD_MEMORY = env.number("BUILD_MEMORY", 4 * 2**30, 0)
SPOOL_HOURS = env.number("SPOOL_HOURS", 24, 1, 24 * 365)
SHELLS_PER_PERSON = env.number("SHELLS_PER_PERSON", 5, 1, 10_000)
TERMINAL_RETURN_SECONDS = env.number("TERMINAL_RETURN_SECONDS", 60, 1, 3600)
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 600, 1, 1_000_000)
TERMINAL_IDLE_MINUTES = env.number("TERMINAL_IDLE_MINUTES", 0, 0, 10_000)
RECORDING_BYTES = env.number("RECORDING_BYTES", 64 * 2**20, 64 * 2**10)
RECORDINGS_BYTES = env.number("RECORDINGS_BYTES", 10 * 2**30, 0)
RECORDING_DAYS = env.number("RECORDING_DAYS", 90, 0, 100_000)
REQUIRE_TOTP = env.choice("REQUIRE_TOTP", "off", ("off", "superusers", "all"))
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))

ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if PUBLIC_URL:
    ALLOWED_HOSTS.append(str(urlsplit(PUBLIC_URL).hostname))
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE = PUBLIC_URL.startswith("https://")

TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
PROXY_USER_HEADER = env.header("PROXY_USER_HEADER")
PROXY_GROUPS_HEADER = env.header("PROXY_GROUPS_HEADER")
PROXY_LOGOUT_URL = env.link("PROXY_LOGOUT_URL")
env.together("PROXY_USER_HEADER", "TRUSTED_PROXIES", bool(TRUSTED_PROXIES))
env.together("PROXY_GROUPS_HEADER", "PROXY_USER_HEADER", bool(PROXY_USER_HEADER))
OIDC_ISSUER = env.link("OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.secret("OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
OIDC_SCOPES = env.text("OIDC_SCOPES", "openid profile email")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")
env.together("OIDC_ISSUER", "OIDC_CLIENT_ID", bool(OIDC_CLIENT_ID))
SUPERUSER_GROUP = env.text("SUPERUSER_GROUP")
EMBED_ORIGINS = env.origins("EMBED_ORIGINS")
EMBED_CROSS_SITE = env.flag("EMBED_CROSS_SITE")
# In a frame of another site only cookies that say so are sent, and only over TLS.
env.together("EMBED_CROSS_SITE", "a PUBLIC_URL with https", SECURE or not EMBED_CROSS_SITE)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "hosts",
    "audit",
    "access",
    "transfers",
    "jobs",
    "web",
    "images",
    "containers",
    "pruning",
    "dashboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.compression.Compression",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.proxied.ProxyLogin",
    "web.bearer.BearerMiddleware",
    "web.language.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.embed.Embedding",
    "web.errors.ErrorMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "web.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'wharfinger.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer at a time that waits its turn: a deferred transaction that turns into a writer
    # fails at once with "database is locked" instead of waiting.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

AUTH_USER_MODEL = "access.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-wharfinger" if SECURE else "wharfinger"
CSRF_COOKIE_NAME = "__Host-wharfinger-csrf" if SECURE else "wharfinger-csrf"
# Strict, but where one comes back from a sign-on service, or from a portal around us.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = (
    "None"
    if EMBED_CROSS_SITE
    else "Lax"
    if OIDC_ISSUER or PROXY_USER_HEADER or EMBED_ORIGINS
    else "Strict"
)
CSRF_FAILURE_VIEW = "web.errors.form_too_old"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.number("SESSION_HOURS", 12, 1, 24 * 90) * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
if SECURE:
    # HSTS for names below (W005) and for the browsers' own list (W021) is not ours to decide: a
    # published container may have such a name. From http to https the proxy leads (W008).
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]  # each by its own name, in every language
CATALOGUES = BASE_DIR / "locale"
LOCALE_PATHS = [DATA_DIR / "locale"]  # `manage.py prepare` makes there what gettext reads
LANGUAGE_COOKIE_NAME = "wharfinger-language"  # of a browser where nobody is logged in
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]  # ours, no package's
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.hashed_files.HashedFiles"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "urllib3": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "twisted": {"level": "WARNING"},
    },
}
