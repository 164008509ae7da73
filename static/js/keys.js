// Single-key shortcuts, loaded with the first of them: never in a field or a terminal, and off where
// the person says so.

const FREE = "input, select, textarea, [contenteditable], .term, dialog[open], .menu";
const GO_MS = 1200;
let waiting = 0;

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
  return Boolean(control) || (key === "d" && askToDelete(here()));
}

/* Of a container that runs only the menu has it. */
function askToDelete(row) {
  if (!row?.id.startsWith("c-")) return false;
  htmx.ajax("GET", `${opens(row).getAttribute("href")}remove/`, { target: "#dialog", swap: "innerHTML" });
  return true;
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

/** What a key does: app.js listens. */
export function typed(event) {
  if (document.body.dataset.shortcuts === "off") return;
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
}
