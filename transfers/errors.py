"""Why a transfer is refused: a sentence, and the status that HTTP and tus mean by it."""

from access.errors import Denied


class TransferRefused(Denied):
    """``status``: 400 bad header, 409 wrong offset or target there, 410 expired, 412 version,
    413 too large, 415 wrong type, 423 written by another, 429 too many, 460 checksum,
    507 spool full."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
