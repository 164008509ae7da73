"""The styleguide has every part in every state that a style is written for, and every partial."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
# Each rule of the layers of parts, nested ones and alternatives written out, and whether something
# here is of it.
# What one does to a part (points at it, opens it) is taken out: the part has to be there. What has
# an id is of one place.
UNSHOWN = r"""() => {
  const element = /::[\w-]+(\([^)]*\))?|(?<=dialog)\[open\]/g;
  const done = /:(hover|active|focus(-visible|-within)?|popover-open|checked|modal)(?![\w-])/g;
  const bare = (one) => one.replace(element, "").replace(done, ":is(*)").trim() || "*";
  const apart = (list) => {
    const found = [""];
    let depth = 0;
    for (const letter of list) {
      depth += (letter === "(") - (letter === ")");
      if (letter === "," && !depth) found.push("");
      else found[found.length - 1] += letter;
    }
    return found.map((one) => one.trim());
  };
  const each = (one) => {
    const from = one.indexOf(":is(") + 4;
    if (from < 4) return [one];
    let to = from;
    for (let depth = 1; depth; to++) depth += (one[to] === "(") - (one[to] === ")");
    const rest = each(one.slice(to));
    return apart(one.slice(from, to - 1)).flatMap(each)
      .flatMap((inner) => rest.map((more) => `${one.slice(0, from)}${inner})${more}`));
  };
  const within = (selector, parent) => {
    if (!parent) return selector;
    const nested = selector.includes("&") ? selector : `& ${selector}`;
    return nested.replaceAll("&", `:is(${parent})`);
  };
  const missing = new Set();
  const look = (rules, parent, inside) => {
    for (const rule of rules) {
      if (rule.styleSheet) look(rule.styleSheet.cssRules, "", "");
      else if (rule instanceof CSSLayerBlockRule) look(rule.cssRules, "", rule.name);
      else if (rule instanceof CSSSupportsRule && !CSS.supports(rule.conditionText)) continue;
      else if (rule instanceof CSSStyleRule) {
        const whole = apart(rule.selectorText).map((one) => within(one, parent)).join(", ");
        if (["ui", "table"].includes(inside) && rule.style.length && !whole.includes("#"))
          for (const one of apart(whole).flatMap(each))
            if (!document.querySelector(bare(one))) missing.add(one);
        look(rule.cssRules, whole, inside);
      } else if (rule.cssRules && !(rule.constructor.name === "CSSKeyframesRule"))
        look(rule.cssRules, parent, inside);
    }
  };
  for (const sheet of document.styleSheets) look(sheet.cssRules, "", "");
  return [...missing];
}"""
PARTS = re.compile(r"@layer (ui|table)\b")


@pytest.fixture
def guide(page: Page, login: Callable[..., Page]) -> Page:
    login(page).goto("/styleguide/")
    return page


def test_every_style_of_a_part_is_shown(guide: Page) -> None:
    loaded = guide.evaluate("[...document.styleSheets].map(sheet => sheet.href).join()")
    own = {each.stem for each in CSS.glob("*.css") if PARTS.search(each.read_text())}
    base = re.findall(r'"(\w+)\.css"', (CSS / "base.css").read_text())
    assert own - {*base, *re.findall(r"/(\w+)\.", loaded)} == set()
    unshown = "\n".join(guide.evaluate(UNSHOWN))
    assert not unshown, unshown
