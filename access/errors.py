"""What the gate answers when it does not open."""


class Denied(Exception):
    """May see the object, may not do this to it: 403."""

    status = 403

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Hidden(Denied):
    """May not even know of the object: 404, the same as if it were not there."""

    status = 404

    def __init__(self, message: str = "There is no such object here.") -> None:
        super().__init__(message)


class Fenced(Denied):
    """The fence refuses some fields: ``breaches`` are (field, reason); 403."""

    def __init__(self, breaches: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(f"{field}: {reason}" for field, reason in breaches))
        self.breaches = breaches


class NotRecorded(Denied):
    """The audit intent could not be written, so the change is refused: 507."""

    status = 507
