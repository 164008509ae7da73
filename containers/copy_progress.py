"""A parcel that tells a job how much of it the engine has taken."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from engine.file_parts import Piece
from engine.parcels import Parcel
from jobs.progress import Part, Progress

AnyPiece = TypeVar("AnyPiece", bound=Piece)


@dataclass(frozen=True, slots=True)
class Told:
    """``size`` bytes are expected; a few more or less are the tar's own."""

    parcel: Parcel
    progress: Progress
    label: str
    size: int

    @property
    def name(self) -> str:
        return self.parcel.name

    async def tar(self, part: str) -> AsyncGenerator[Piece]:
        async with aclosing(self.parcel.tar(part)) as pieces:
            async for piece in counted(pieces, self.progress, self.label, "writing", self.size):
                yield piece


async def counted(
    pieces: AsyncIterator[AnyPiece], progress: Progress, label: str, status: str, size: int
) -> AsyncGenerator[AnyPiece]:
    """The same bytes; each is told to the job once it was taken. ``size`` 0: not known."""
    passed = 0
    async for piece in pieces:
        yield piece
        passed += len(piece)
        shown = min(passed, size) if size else passed
        progress.put(Part(label, status, shown, size, shown, size))
    total = size or passed
    progress.put(Part(label, "done", total, total, total, total, done=True))
