"""Rows and their figures: ours beside the reference in the same run, and the goal of each."""

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.bench.world import World

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Samples of one case of a row. ``reference`` is empty where there is none in this run.

    The goal is ``limit``, in ``unit``, for the median of ours; or ``least``, for the ratio.
    """

    case: str
    unit: str
    better: Better
    ours: Sequence[float]
    reference: Sequence[float] = ()
    against: str = ""  # what the reference is
    limit: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        """More than 1: ours is better. None without a reference, or where one of the two is 0."""
        if not self.reference:
            return None
        ours, reference = statistics.median(self.ours), statistics.median(self.reference)
        if not ours or not reference:
            return None
        return ours / reference if self.better == "higher" else reference / ours

    @property
    def goal(self) -> str:
        if self.least is not None:
            return f"ratio ≥ {self.least:g}"
        if self.limit is None:
            return ""
        return f"{'≤' if self.better == 'lower' else '≥'} {self.limit:g} {self.unit}"

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.least is not None:
            return self.ratio is not None and self.ratio >= self.least
        if self.limit is None:
            return None
        ours = statistics.median(self.ours)
        return ours <= self.limit if self.better == "lower" else ours >= self.limit


Measure = Callable[["World"], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of goals; its first figure is what its words mean.

    Rows with few ``containers`` come first. ``beside``: the same work at another size.
    """

    name: str
    measure: Measure
    containers: int
    beside: bool = False


ROWS: list[Row] = []


def row(name: str, containers: int = 0, beside: bool = False) -> Callable[[Measure], Measure]:
    """Register a row; it wants so many stopped containers on the engine (before scaling down)."""

    def register(measure: Measure) -> Measure:
        ROWS.append(Row(name, measure, containers, beside))
        return measure

    return register


def as_json(name: str, figure: Figure) -> str:
    """One line of ``--json``."""
    fields = {
        "name": name,
        "ours": rounded(statistics.median(figure.ours)),
        "reference": rounded(statistics.median(figure.reference)) if figure.reference else None,
        "unit": figure.unit,
        "better": figure.better,
        "ratio": rounded(figure.ratio) if figure.ratio is not None else None,
    }
    return json.dumps(fields, ensure_ascii=False)


def as_text(figure: Figure) -> str:
    words = f"  {figure.case:<44} {described(figure.ours, figure.unit)}"
    if figure.reference:
        words += f" | {figure.against}: {described(figure.reference, figure.unit)}"
    if figure.ratio is not None:
        words += f" | ratio {figure.ratio:.2f}"
    if figure.goal:
        words += f" | goal {figure.goal}: {'met' if figure.met else 'MISSED'}"
    return words


def described(samples: Sequence[float], unit: str) -> str:
    """The median; and of more than one the lowest, the highest and how many."""
    middle = f"{rounded(statistics.median(samples)):,g} {unit}"
    if len(samples) == 1:
        return middle
    spread = f"{rounded(min(samples)):,g} to {rounded(max(samples)):,g}"
    return f"{middle} ({spread}, n={len(samples)})"


def rounded(value: float) -> float:
    """Three digits that count; whole numbers above a thousand."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.3g}")


def percentile(samples: Sequence[float], share: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
