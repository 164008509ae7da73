// The list of containers and the pages of one: they follow what changed, each by a GET of its own.

const MOST_MORPHED = 300; // above, only the changed rows are fetched
const MOST_NAMED = 50; // ids in one address
const WAIT_MS = 120;

const list = document.getElementById("list");
const head = document.getElementById("head");
const parts = [...document.querySelectorAll("[data-refresh]")];
const folded = new Set();
let changed = new Set();
let everything = false;
let timer = 0;

document.addEventListener("containers-changed", ({ detail = {} }) => {
  if (detail.ids?.length) detail.ids.forEach((id) => changed.add(id));
  else everything = true;
  clearTimeout(timer);
  timer = setTimeout(refresh, WAIT_MS);
});

function refresh() {
  if (list) refreshList();
  else if (head && (everything || changed.has(head.dataset.container))) parts.forEach(fetchInto);
  changed = new Set();
  everything = false;
}

function fetchInto(part) {
  htmx.ajax("GET", part.dataset.refresh, { source: part, target: part, swap: "innerMorph" });
}

function refreshList() {
  const url = new URL(location.href);
  const pages = document.getElementById("more")?.dataset.pages;
  if (pages && !url.searchParams.has("page")) url.searchParams.set("pages", pages);
  const total = Number(document.getElementById("rows")?.dataset.total || 0);
  if (total > MOST_MORPHED && !everything && changed.size <= MOST_NAMED) nameRows(url.searchParams);
  htmx.ajax("GET", url.pathname + url.search, { source: list, target: list, swap: "innerMorph" });
}

function nameRows(search) {
  const shown = (id) => document.getElementById(`c-${id}`);
  const ids = [...changed];
  search.set("ids", ids.filter(shown).join(","));
  search.set("new", ids.filter((id) => !shown(id)).join(","));
}

/* A refresh that was asked for before the filter changed comes too late. */
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== list) return;
  const asked = new URL(ctx.request.action, location.href).searchParams;
  const now = new URL(location.href).searchParams;
  if (["q", "sort", "group"].some((key) => (asked.get(key) || "") !== (now.get(key) || ""))) event.preventDefault();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target !== list) return;
  if (ctx.sourceElement !== list) history.replaceState(null, "", tidy(ctx.request.action));
  for (const id of folded) fold(document.getElementById(id));
});

function tidy(address) {
  const url = new URL(address, location.href);
  for (const [key, value] of [...url.searchParams]) if (!value) url.searchParams.delete(key);
  return url.pathname + url.search;
}

function fold(group) {
  if (!group) return;
  group.classList.add("folded");
  group.querySelector("[data-fold]")?.setAttribute("aria-expanded", "false");
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-fold]");
  const group = button?.closest("tbody");
  if (group) folded[group.classList.contains("folded") ? "add" : "delete"](group.id);
  const segment = target.closest?.("[data-q]");
  if (segment) document.getElementById("q").value = segment.dataset.q;
});

/* The container of this page is gone: say so once, and leave what is known of it. */
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (!parts.includes(ctx.sourceElement) || ctx.response.status !== 404) return;
  delete ctx.hx.trigger;
  document.getElementById("gone").hidden = false;
  head.querySelector(".r")?.remove();
});
