"""Rows and their figures: ours beside the reference, as text or as one JSON object a line."""

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tests.bench.world import World

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Samples of one case of a row. ``reference`` is None where there is none in this run."""

    case: str
    unit: str
    better: Better
    ours: Sequence[float]
    reference: Sequence[float] | None = None
    against: str = ""  # what the reference is

    @property
    def ratio(self) -> float | None:
        """More than 1: ours is better. None without a reference, or where one of the two is 0."""
        if not self.reference:
            return None
        ours, reference = statistics.median(self.ours), statistics.median(self.reference)
        if not ours or not reference:
            return None
        return ours / reference if self.better == "higher" else reference / ours


Measure = Callable[["World"], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of goals. Rows with few ``containers`` come first."""

    name: str
    measure: Measure
    containers: int


ROWS: list[Row] = []


def row(name: str, containers: int = 0) -> Callable[[Measure], Measure]:
    """Register a row; it wants so many stopped containers on the engine (before scaling down)."""

    def register(measure: Measure) -> Measure:
        ROWS.append(Row(name, measure, containers))
        return measure

    return register


def as_json(name: str, figure: Figure) -> str:
    fields: dict[str, Any] = {
        "name": name,
        "case": figure.case,
        "ours": rounded(statistics.median(figure.ours)),
        "reference": rounded(statistics.median(figure.reference)) if figure.reference else None,
        "unit": figure.unit,
        "better": figure.better,
        "ratio": rounded(figure.ratio) if figure.ratio is not None else None,
        "spread": [rounded(min(figure.ours)), rounded(max(figure.ours))],
        "against": figure.against,
    }
    return json.dumps(fields, ensure_ascii=False)


def as_text(figure: Figure) -> str:
    words = f"  {figure.case:<44} {described(figure.ours, figure.unit)}"
    if figure.reference:
        words += f" | {figure.against}: {described(figure.reference, figure.unit)}"
    if figure.ratio is not None:
        words += f" | ratio {figure.ratio:.2f}"
    return words


def described(samples: Sequence[float], unit: str) -> str:
    """The median, and lowest to highest where there is more than one."""
    middle = f"{rounded(statistics.median(samples)):,g} {unit}"
    if len(samples) == 1:
        return middle
    return f"{middle} ({rounded(min(samples)):,g} to {rounded(max(samples)):,g})"


def rounded(value: float) -> float:
    """Three digits that count; whole numbers above a thousand."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.3g}")


def percentile(samples: Sequence[float], share: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
