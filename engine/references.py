"""Image references in the short form in which the engine lists them. Pure."""

DEFAULT_TAG = "latest"


def familiar(reference: str) -> str:
    """``docker.io/library/busybox`` → ``busybox:latest``; ``name:tag@digest`` → ``name@digest``."""
    name, _, digest = reference.partition("@")
    for registry in ("docker.io/", "index.docker.io/"):
        if name.startswith(registry):
            name = name.removeprefix(registry).removeprefix("library/")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    name = f"{head}{slash}{last}"
    return f"{name}@{digest}" if digest else f"{name}:{tag or DEFAULT_TAG}"
