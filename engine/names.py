"""Names of objects on their way into a request's path."""

from urllib.parse import quote

from engine.errors import NotFound


def check_name(name: str) -> None:
    """Raise NotFound for what would turn a request's path into another one."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or not name.isprintable():
        raise NotFound(f"The engine has no object of the name {name!r}.")


def quoted(name: str) -> str:
    """A name or reference as a piece of a path. Raises NotFound."""
    check_name(name)
    return quote(name, safe="/:")
