// The audit log and a host's events: rows open in place, and new ones come to the top while "Live"
// is on.

const MOST_ROWS = 500; // in the page; older ones go
const NEWS = ["audit-changed", "events-changed"];
let asking = false;
let again = false;

const list = () => document.getElementById("entries");
const live = () => document.getElementById("live");
const isLive = () => live()?.getAttribute("aria-pressed") === "true";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-expands]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  toggle(link);
});

function toggle(link) {
  const row = link.closest("tr");
  const open = row.nextElementSibling?.matches(".more") && row.nextElementSibling;
  link.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  const more = document.createElement("tr");
  const cell = document.createElement("td");
  more.className = "more";
  more.setAttribute("role", "row");
  cell.setAttribute("role", "cell");
  cell.colSpan = row.children.length;
  more.append(cell);
  row.after(more);
  htmx.ajax("GET", link.getAttribute("href"), { source: cell, target: cell, swap: "innerHTML" });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("#live");
  if (!button) return;
  button.setAttribute("aria-pressed", String(!isLive()));
  say(isLive() ? "live" : "paused");
  if (isLive()) look();
});

function say(state) {
  const words = live()?.querySelector("span");
  if (!words) return;
  live().dataset.live ??= words.textContent;
  words.textContent = live().dataset[state];
}

for (const news of NEWS)
  document.body.addEventListener(news, () => {
    if (!list()?.dataset.tail) return;
    if (isLive()) look();
    else say("news");
  });

/* What came after the newest row here; one question at a time. */
async function look() {
  if (asking) return void (again = true);
  asking = true;
  const place = list();
  const url = location.pathname + place.dataset.tail + (place.dataset.newest || 0);
  try {
    await htmx.ajax("GET", url, { source: place, target: place, swap: "afterbegin" });
  } finally {
    asking = false; // a question that failed must not be the last one
  }
  if (place === list()) settle(place);
  if (again) {
    again = false;
    look();
  }
}

/* A result takes the place of its intent; the oldest rows go. */
function settle(place) {
  const first = place.firstElementChild;
  if (place.tagName !== "TBODY") return first?.matches("tr") && location.reload();
  for (const row of place.querySelectorAll("[data-intent]")) {
    document.getElementById(`entry-${row.dataset.intent}`)?.remove();
    delete row.dataset.intent;
  }
  if (first?.id) place.dataset.newest = first.id.replace("entry-", "");
  let count = 0;
  for (; place.children.length > MOST_ROWS; count++) place.lastElementChild.remove();
  if (count) tellDropped(count);
}

/* Where there is no page of older rows to go to, how many went is told. */
function tellDropped(count) {
  const line = document.getElementById("dropped");
  if (!line) return;
  line.dataset.count = Number(line.dataset.count || 0) + count;
  line.textContent = line.dataset.words.replace("{count}", line.dataset.count);
  line.hidden = false;
}

function begin() {
  if (!live() || !list()?.dataset.tail) return;
  live().hidden = false;
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ctx.target?.matches?.("[data-tailed]")) return;
  begin();
  const search = new URLSearchParams(new FormData(document.getElementById("filter")));
  const words = String(search).replace(/^q=$/, "");
  history.replaceState(null, "", location.pathname + (words ? `?${words}` : ""));
});
begin();
