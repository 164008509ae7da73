"""Where this site is reached."""

from django.conf import settings


def public_url() -> str:
    """The origin people use: PUBLIC_URL, else the address the server listens on."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::", "") else settings.HOST  # noqa: S104
    return f"http://{host}:{settings.PORT}"
