"""axe-core on a page: what keeps somebody out."""

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

SCRIPT = (Path(__file__).resolve().parent.parent / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The two themes differ in colours alone, as tests/test_templates.py holds: a page that was looked
# at in light needs no other rule in dark.
COLOURS = ["color-contrast", "link-in-text-block"]
FADED_IN = """() => Promise.allSettled(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))"""
RUN = """([only, within]) => axe.run(within || document, {
  runOnly: only, resultTypes: ["violations"], preload: false}).then(
  found => found.violations.map(violation => ({
    rule: violation.id,
    help: violation.help,
    nodes: violation.nodes.slice(0, 5).map(node => node.target.join(" ")),
  })))"""


def axe(page: Page, theme: str = "light", within: str = "") -> list[dict[str, Any]]:
    """The violations of WCAG 2.2 AA and best practice, each with its rule and first nodes; with
    ``theme`` dark those of its colours, of a page that was looked at in light. ``within``: only of
    what is below this selector, which spares the frame that all pages share.

    The script goes through the debugger, so the page's CSP stays as it is. What fades in is
    looked at when it is there: halfway its colours have too little contrast.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    page.evaluate(FADED_IN)
    only = (
        {"type": "rule", "values": COLOURS} if theme == "dark" else {"type": "tag", "values": TAGS}
    )
    violations: list[dict[str, Any]] = page.evaluate(RUN, [only, within])
    return violations


def axe_in_both_themes(page: Page) -> list[dict[str, Any]]:
    """The same in light and in dark, of the page as it stands: it is loaded once for both."""
    themes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    found = []
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        found += [each | {"theme": theme} for each in axe(page, theme)]
    return found
