// A list that follows what changed, by a GET of its own: ticks, focus and open folds stay.

const MOST_MORPHED = 300; // above, only the changed rows are fetched
const MOST_NAMED = 50; // ids in one address
const WAIT_MS = 120;

/* ``event`` says which ids changed; a row's element is ``prefix`` + id. */
export function followList(event, prefix) {
  const list = document.getElementById("list");
  if (!list) return;
  const changed = new Changed(event, (ids) => refresh(list, prefix, ids));
  changed.listen();
  keepOrder(list);
}

/* What changed since the last look; ``look`` gets the ids, or null for everything. */
export class Changed {
  #ids = new Set();
  #everything = false;
  #timer = 0;

  constructor(event, look) {
    this.event = event;
    this.look = look;
  }

  listen() {
    document.addEventListener(this.event, ({ detail = {} }) => {
      if (detail.ids?.length) detail.ids.forEach((id) => this.#ids.add(id));
      else this.#everything = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tell(), WAIT_MS);
    });
  }

  #tell() {
    const ids = this.#everything ? null : [...this.#ids];
    this.#ids = new Set();
    this.#everything = false;
    this.look(ids);
  }
}

function refresh(list, prefix, ids) {
  const url = new URL(location.href);
  const pages = document.getElementById("more")?.dataset.pages;
  if (pages && !url.searchParams.has("page")) url.searchParams.set("pages", pages);
  const total = Number(document.getElementById("rows")?.dataset.total || 0);
  if (total > MOST_MORPHED && ids && ids.length <= MOST_NAMED) nameRows(url.searchParams, prefix, ids);
  htmx.ajax("GET", url.pathname + url.search, { source: list, target: list, swap: "innerMorph" });
}

function nameRows(search, prefix, ids) {
  const shown = (id) => document.getElementById(prefix + id);
  search.set("ids", ids.filter(shown).join(","));
  search.set("new", ids.filter((id) => !shown(id)).join(","));
}

function keepOrder(list) {
  /* A refresh that was asked for before the filter changed comes too late. */
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== list) return;
    const asked = new URL(ctx.request.action, location.href).searchParams;
    const now = new URL(location.href).searchParams;
    if (["q", "sort", "group"].some((key) => (asked.get(key) || "") !== (now.get(key) || ""))) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target === list && ctx.sourceElement !== list) history.replaceState(null, "", tidy(ctx.request.action));
  });
  document.addEventListener("click", write);
}

/* data-q="text", or the value of a button: writes that into the filter box, and nothing else. */
function write(event) {
  const said = event.target.closest?.("[data-q]");
  const box = document.getElementById("q");
  if (!said || !box || event.ctrlKey || event.metaKey || event.shiftKey) return;
  box.value = said.dataset.q || said.value || "";
  if (said.matches("[hx-get]")) return; // it asks by itself, for an order too
  if (said.matches("a")) event.preventDefault();
  box.form.requestSubmit();
}

function tidy(address) {
  const url = new URL(address, location.href);
  for (const [key, value] of [...url.searchParams]) if (!value) url.searchParams.delete(key);
  return url.pathname + url.search;
}

/* Words typed while the page's scripts were still on their way count, too: nothing heard them. */
const heardLate = () => {
  for (const box of document.querySelectorAll("[data-filter]"))
    if (box.value !== box.defaultValue) box.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
document.addEventListener("htmx:after:process", ({ target }) => target === document.body && heardLate());
heardLate();
