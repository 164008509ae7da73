"""What the CSP would refuse is found here first; and the weight of what all pages load."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
BASE_STYLES = re.findall(r'@import "(.*)";', (ROOT / "static/css/base.css").read_text())
CHOSEN_THEME = r' *:root\[data-theme="(\w+)"\] \{ color-scheme: \1; \}'
REFUSED = {
    "an inline style": r"\sstyle\s*=",
    "an inline handler": r"\son[a-z]+\s*=",
    "hx-on": r"hx-on[:=-]",
    "a js: value": r"[\"'](js|javascript):",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "a style element": r"<style\b",
    "an evaluated trigger filter": r"hx-trigger=[\"'][^\"']*\w\[",
    "a place elsewhere": r"(src|href)=[\"'](https?:)?//(?!www\.w3\.org)",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in REFUSED.items() if re.search(pattern, text)] == []
    assert text.count("\n") < 60


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_makes_no_code_and_no_html_of_text(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"\beval\(|new Function", text) == []
    html = re.findall(r"\.(?:inner|outer)HTML\s*=|insertAdjacentHTML", text)
    assert html == []


def test_the_themes_differ_in_colours_alone() -> None:
    """By ``light-dark()``, which takes nothing but colours: rules of axe about other things hold
    in both where they hold in one."""
    sheets = "".join(path.read_text() for path in (ROOT / "static" / "css").glob("*.css"))
    assert "prefers-color-scheme" not in sheets
    chosen = re.findall(r".*data-theme.*", sheets)
    assert chosen
    assert [line for line in chosen if not re.fullmatch(CHOSEN_THEME, line)] == []


def test_the_styles_of_every_page_weigh_ten_kilobytes_at_most() -> None:
    styles = b"".join((ROOT / "static/css" / name).read_bytes() for name in BASE_STYLES)
    assert len(gzip.compress(styles)) <= 10_240


@pytest.mark.parametrize("sample", ['<p style="x">', '<a onclick="x">', "<script>x</script>"])
def test_the_patterns_find_what_they_name(sample: str) -> None:
    assert any(re.search(pattern, sample) for pattern in REFUSED.values())
