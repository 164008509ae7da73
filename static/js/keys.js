// Single-key shortcuts: never in a field or a terminal, and off where the person says so.

const FREE = "input, select, textarea, [contenteditable], .term, dialog[open], .menu";
const GO_MS = 1200;
let waiting = 0;
let early = null;

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
const here = () => document.activeElement?.closest("[data-row]");
const opens = (row) => row.querySelector("[data-open]") || row.querySelector("a[href]");

function move(step) {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(here());
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(list.length - 1, at + step));
  opens(list[next])?.focus();
}

function press(key) {
  const place = here() || document.querySelector("main > .head, main");
  const control = place?.querySelector(`[data-key="${key}"]`);
  control?.click();
  return Boolean(control);
}

const does = {
  "/": () => document.querySelector("[data-filter]")?.focus(),
  "?": () => document.getElementById("keys")?.click(),
  j: () => move(1),
  k: () => move(-1),
  x: () => here()?.querySelector("[data-pick]")?.click(),
};
const places = { c: "box", i: "stack-2", h: "server", o: "home" };

function go(key) {
  const link = document.querySelector(`.nav[data-nav="${places[key]}"]`);
  link?.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (early !== null && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    early += event.key;
    event.preventDefault();
  }
  if (document.body.dataset.shortcuts === "off" || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.(FREE) && !event.target.matches("[data-pick]")) return;
  if (event.key === "g") {
    waiting = Date.now();
    return;
  }
  const going = Date.now() - waiting < GO_MS;
  waiting = 0;
  if (going && go(event.key)) event.preventDefault();
  else if (does[event.key]) {
    event.preventDefault();
    does[event.key]();
  } else if (/^[a-z]$/.test(event.key) && press(event.key)) event.preventDefault();
});

/* The palette is fetched when it is asked for; letters typed meanwhile are its own. A terminal keeps
   Ctrl+K: shells cut the line with it. */
const palette = document.getElementById("palette-open");
const openPalette = async (event) => {
  event.preventDefault();
  early = "";
  const { open } = await import("./palette.js").catch(() => ({}));
  await open?.(palette.href, () => early);
  early = null;
};
palette?.addEventListener("click", (event) => event.ctrlKey || event.metaKey || openPalette(event));
document.addEventListener("keydown", (event) => {
  const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k";
  if (asked && palette && !event.target.closest?.(".term")) openPalette(event);
});

/* Words typed while the page's scripts were still on their way count, too: nothing heard them. */
const heardLate = () => {
  for (const box of document.querySelectorAll("[data-filter]"))
    if (box.value !== box.defaultValue) box.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
document.addEventListener("htmx:after:process", ({ target }) => target === document.body && heardLate());
heardLate();
