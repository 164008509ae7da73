"""Every right and every route is documented as it stands."""

from pathlib import Path

from dashboard.reference import reference

DOCUMENT = Path(__file__).parents[2] / "docs/reference.md"


def test_the_reference_is_fresh() -> None:
    assert DOCUMENT.read_text() == reference(), "run: manage.py reference > docs/reference.md"
