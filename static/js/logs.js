// The log page: what is asked for, what comes, where one reads. Each part has a file of its own.

import { keys } from "./log_keys.js";
import { exactTime, Line } from "./log_line.js";
import { Marking } from "./log_marking.js";
import { hear } from "./log_news.js";
import { at, press, root, say, socketAddress, toggle } from "./log_page.js";
import { Range } from "./log_range.js";
import { LogSocket } from "./log_socket.js";
import { Store } from "./log_store.js";
import { LogView } from "./log_view.js";
import { csrfToken, language } from "./strings.js";
import { toast } from "./toasts.js";

const AHEAD = 5_000; // lines below a link's line before more are asked for
const CONTEXT = 500; // lines above it
const FLOOD = 500; // lines at once from where they are shown in larger portions
const FLOOD_MS = 120;
const HIDDEN_MS = 250; // a hidden tab draws no frames, but lines come

const containers = JSON.parse(document.getElementById("log-containers").textContent);
const several = containers.length > 1;
const store = new Store();
const look = {
  names: several ? containers.map((one) => one.name) : [],
  current: null,
  marked: (line) => page.marking.has(line),
  marks: (line) => page.find.marks(line),
  folds: (line) => Boolean(line.head?.folded) && !page.find.filtering,
  link: (line) => page.linkOf(line),
  say,
};
const view = new LogView(at("box"), at("list"), look);
const socket = new LogSocket(root.dataset.ticket, socketAddress(root.dataset.socket), csrfToken(), several ? containers.map((one) => one.id) : []);

let waiting = []; // lines, and notes as {text, kind, action}, since the last frame
let frame = 0;
let timer = 0;
let flooded = false;
let unseen = 0;
let begins = false; // what is held is the log's beginning
let reading = false; // at a link: what is below comes in portions
let rate = { since: Date.now(), count: 0, shown: 0 };

const page = {
  store, view, look, socket, containers, several, generation: 0, connected: false,
  shows: (line) => page.find.shows(line),
  linkOf: (line) => page.marking.linkTo(line),
  leave: () => { if (view.stick) follow(false); },
  note, reopen, follow,
  // Until somebody looks for something.
  find: { filtering: false, patterns: [], marks: () => [], shows: () => true, restart() {}, feed() {}, dropped() {}, step() {} },
};

// -- what is asked for ---------------------------------------------------------------------

function reopen() {
  page.generation += 1;
  waiting = [];
  store.clear();
  view.clear();
  page.find.restart();
  page.marking.forget();
  begins = page.range.whole && !page.marking.goal.length;
  page.connected = false;
  unseen = 0;
  reading = page.marking.goal.length > 0;
  view.stick = !reading;
  setState("connecting", "info");
  socket.open(page.range.fields(page.marking.goal[0]));
  if (page.marking.moment) around(page.marking.moment);
  status();
}

// -- what comes ----------------------------------------------------------------------------

function schedule() {
  if (timer) return;
  if (!flooded) frame = requestAnimationFrame(flush);
  timer = setTimeout(flush, flooded ? FLOOD_MS : HIDDEN_MS);
}

function flush() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  timer = 0;
  const came = waiting;
  flooded = came.length > FLOOD;
  waiting = [];
  const from = store.items.length;
  const heads = [];
  for (let at = 0, end = 0; at < came.length; at = end) {
    if (came[at] instanceof Line) {
      while (came[end] instanceof Line) end += 1;
      heads.push(...store.append(came.slice(at, end)));
    } else store.note(came[at].text, came[at].kind, came[(end = at + 1) - 1].action);
  }
  const added = store.items.slice(from);
  if (!page.find.filtering) view.append(added);
  for (const head of heads) view.redrawLine(head);
  arrived(added.filter((item) => item instanceof Line));
}

function arrived(lines) {
  rate.count += lines.length;
  if (!view.stick) unseen += lines.length;
  const gone = store.trim(!view.stick);
  if (gone) {
    page.find.dropped(gone);
    view.dropBefore(store.items[0].n);
  }
  page.find.feed();
  if (page.marking.goal.length && lines.length) seek(lines);
  if (reading && !page.marking.goal.length && unseen > AHEAD) socket.pause(true);
  status();
}

/* Both sides of a moment: what came after it, the socket brings. */
async function around(moment) {
  const { generation } = page;
  const lines = await loadEarlier(CONTEXT, moment);
  if (generation === page.generation) page.marking.reached(lines?.at(-1));
}

function seek(lines) {
  if (page.marking.moment) return;
  if (page.marking.seek()) loadEarlier(CONTEXT).then(() => page.marking.from && view.reveal(page.marking.from));
  else page.marking.missed(lines);
}

function prepend(lines) {
  store.prepend(lines);
  if (!page.find.filtering) view.prepend(lines);
  page.find.restart();
  page.marking.renumbered();
  status();
}

/** The lines before the first that is held, or before a moment: those that came. */
async function loadEarlier(most, moment) {
  const { generation } = page;
  at("earlier").disabled = true;
  try {
    const { earlier } = await import("./log_earlier.js");
    const found = await earlier(page, most, moment);
    if (generation !== page.generation) return;
    begins = found.begins;
    const stream = page.range.values.stream;
    const wanted = found.lines.filter((line) => !stream || (line.stream === 2) === (stream === "stderr"));
    if (wanted.length) prepend(wanted);
    return wanted;
  } catch {
    toast("warn", say("earlier_failed"));
  }
  at("earlier").disabled = false;
  status();
}

function note(text, kind = "", action = null) {
  waiting.push({ text, kind, action });
  schedule();
}

// -- where one reads -----------------------------------------------------------------------

function setState(word, kind, values) {
  page.state = word;
  const dot = document.createElement("span");
  dot.className = `dot ${kind}`;
  if (at("state").textContent !== say(word, values)) at("state").replaceChildren(dot, say(word, values));
  at("state").className = `chip ${kind}`;
}

// "Following" and "37 new lines" exclude each other.
function live() {
  page.connected = true;
  setState(view.stick ? "following" : "paused", view.stick ? "ok" : "warn");
}

function follow(wanted) {
  view.stick = wanted;
  if (wanted) {
    reading = false;
    socket.pause(false);
    unseen = 0;
    view.toBottom();
  }
  if (page.connected) live();
  status();
}

function scrolled() {
  const bottom = view.moved();
  if (bottom === null) return;
  if (bottom && socket.paused) {
    unseen = 0;
    socket.pause(false); // the next portion
  } else if (!page.marking.goal.length) follow(bottom);
}

function status() {
  const now = Date.now();
  if (now - rate.since > 1000) {
    rate = { since: now, count: 0, shown: Math.round((rate.count * 1000) / (now - rate.since)) };
  }
  at("count").textContent = say(store.count === 1 ? "line" : "lines", { n: store.count.toLocaleString(language), rate: rate.shown.toLocaleString(language) });
  at("pill").hidden = view.stick || !unseen;
  at("pill-text").textContent = say(unseen === 1 ? "new_line" : "new_lines", { n: unseen.toLocaleString(language) + (socket.paused ? "+" : "") });
  at("follow").hidden = view.stick;
  at("shown-save").disabled = store.count === 0;
  at("more").hidden = !store.count || (!store.dropped && (begins || store.count < page.range.tail));
}

// Heard at once as soon as it is loaded: an Escape that came late would take away what was typed since.
async function find(event) {
  if (!page.find.hear) {
    const { Find } = await import("./log_find.js");
    if (!page.find.hear) page.find = new Find(page);
  }
  page.find.hear(event);
}

// -- the parts -----------------------------------------------------------------------------

page.marking = new Marking(page);
page.range = new Range(() => { page.marking.goal = []; reopen(); });
socket.addEventListener("lines", ({ detail: { lines } }) => {
  for (const line of lines) waiting.push(line);
  schedule();
});
hear(page, { live, setState });
keys(page);

for (const [name, css] of [["wrap", "nowrap"], ["time", "notime"]]) {
  const set = (on) => { at("box").classList.toggle(css, !on); view.refit(); };
  const kept = localStorage.getItem(`wharfinger-log-${name}`);
  if (kept !== null) press(at(name), kept === "true");
  set(kept !== "false");
  toggle(name, (on) => { localStorage.setItem(`wharfinger-log-${name}`, String(on)); set(on); });
}
at("pill").addEventListener("click", () => { follow(true); at("box").focus(); });
at("follow").addEventListener("click", () => { follow(true); at("box").focus(); });
at("shown-save").addEventListener("click", async () => (await import("./log_save.js")).saveShown(page));
at("earlier").addEventListener("click", () => loadEarlier());
at("search-open").addEventListener("click", async () => {
  const { Search } = await import("./log_search.js");
  page.search ??= new Search(page);
  page.search.open();
});
for (const type of ["focusin", "input", "keydown", "click"]) at("finding").addEventListener(type, find);
at("box").addEventListener("scroll", scrolled, { passive: true });
at("box").addEventListener("pointerover", ({ target }) => {
  const line = target.closest?.("time") && target.closest(".l")?.line;
  if (line) target.closest("time").title = exactTime(line, language);
});
new ResizeObserver(() => view.stick && view.toBottom()).observe(at("box"));
root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
addEventListener("pagehide", () => socket.close());
addEventListener("pageshow", ({ persisted }) => persisted && reopen());
setInterval(status, 1000);
reopen();
