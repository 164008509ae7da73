"""A page in a browser without JavaScript: is it read, and does everything on it do something."""

from playwright.sync_api import Page

# Run by the debugger, which may where the page may not.
DEAD = """() => {
  const seen = (at) => at.checkVisibility({ visibilityProperty: true });
  const told = (at, why) => `${why}: ${at.outerHTML.slice(0, 160)}`;
  const buttons = [...document.querySelectorAll("button")].filter(seen).filter((at) => {
    const shows = at.popoverTargetElement || at.matches(".key, .place, [data-fold]");
    return !at.disabled && !shows && (at.type === "button" || !at.form);
  });
  const real = document.querySelectorAll('main form:not([action="#"])');  // no sample of the guide
  const forms = [...real].filter(seen).filter((form) => {
    const fields = [...form.elements].filter(seen);
    const sends = [...form.elements].some((at) => at.type === "submit"
      && (seen(at) || at.closest(".bulk")));  // the bar comes with the first tick
    const typed = fields.filter((at) => at.matches("input:not([type=checkbox], [type=radio])"));
    return fields.length && !sends && typed.length !== 1;  // one field alone is sent by Enter
  });
  const slots = [...document.querySelectorAll('main [hx-trigger="load"]')]
    .filter((at) => seen(at) && !at.querySelector("a, table, dl, .empty, noscript"));
  const said = document.querySelector("main")?.innerText.trim() ? [] : ["nothing to read"];
  return [...said, ...buttons.map((at) => told(at, "dead")),
    ...forms.map((at) => told(at, "cannot be sent")),
    ...slots.map((at) => told(at, "never filled"))];
}"""


def dead(page: Page) -> list[str]:
    """What is of no use to whoever has no scripts."""
    found: list[str] = page.evaluate(DEAD)
    return found
