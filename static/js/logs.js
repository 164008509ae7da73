// The log page: what is asked for, what is shown, find, follow.

import { plain } from "./ansi.js";
import { cursorOf, LogSocket } from "./log_socket.js";
import { levelOf, LogView } from "./log_view.js";

const root = document.getElementById("logs");
const words = JSON.parse(document.getElementById("log-words").textContent);
const at = (name) => root.querySelector(`[data-part="${name}"]`);
const view = new LogView(at("box"));
const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${root.dataset.socket}`;
const csrf = root.querySelector("[name=csrfmiddlewaretoken]").value;
const socket = new LogSocket(root.dataset.ticket, socketUrl, csrf);
const find = { matches: [], at: -1 };
let held = []; // every line received, also those that a filter hides
let following = true;
let unseen = 0;
let connected = false;
let goal = location.hash.slice(1); // a link to a line
let rate = { since: Date.now(), count: 0, shown: 0 };

const say = (word, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`%(${key})s`, value), words[word] ?? word);

function setState(word, kind, values) {
  at("state").textContent = say(word, values);
  at("state").className = `chip ${kind}`;
}

// -- what is asked for ---------------------------------------------------------------------

function range() {
  const form = new FormData(root.querySelector("form"));
  const asked = Object.fromEntries([...form].filter(([name, value]) => value && name !== "find"));
  if (goal) {
    // A few seconds of context before the line; a cursor is nanoseconds, beyond a double.
    const ns = BigInt(goal.split(".")[0]) - 5_000_000_000n;
    return { ...asked, tail: "", since: "", since_ns: ns.toString() };
  }
  return asked;
}

function reopen() {
  view.clear();
  held = [];
  unseen = 0;
  following = !goal;
  connected = false;
  setState("connecting", "info");
  socket.open(range());
}

// -- what is shown -------------------------------------------------------------------------

function fits(line) {
  const { tokens, filtering } = query();
  return !filtering || tokens.every((token) => token(line));
}

function arrive(lines) {
  const stick = following && view.atBottom;
  for (const line of lines) held.push(line);
  if (held.length > 220_000) held = held.slice(-200_000);
  const shown = lines.filter(fits);
  view.append(shown);
  rate.count += lines.length;
  if (stick || following) view.toBottom();
  else unseen += shown.length;
  if (goal) seekGoal();
  status();
}

function seekGoal() {
  const line = view.find(goal);
  if (!line) return;
  goal = "";
  view.select(line);
  follow(false);
}

function status() {
  const now = Date.now();
  if (now - rate.since > 1000) {
    rate = { since: now, count: 0, shown: Math.round((rate.count * 1000) / (now - rate.since)) };
  }
  at("count").textContent = say("lines", { n: view.count.toLocaleString(), rate: rate.shown });
  at("pill").hidden = following || !unseen;
  at("pill-text").textContent = say("new_lines", { n: unseen.toLocaleString() });
  at("older").hidden = view.dropped === 0;
}

// "Following" and "37 new lines" exclude each other.
function live() {
  connected = true;
  setState(following ? "following" : "paused", following ? "ok" : "warn");
}

function follow(wanted) {
  following = wanted;
  if (connected) live();
  at("follow").setAttribute("aria-pressed", String(wanted));
  if (wanted) {
    unseen = 0;
    view.toBottom();
  }
  status();
}

// -- find and filter -----------------------------------------------------------------------

function pattern(text) {
  const regex = /^\/(.+)\/(i?)$/.exec(text);
  try {
    return regex ? new RegExp(regex[1], `g${regex[2]}`) : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  } catch {
    return null;
  }
}

function token(text) {
  const negative = text.startsWith("-") && text.length > 1;
  const word = negative ? text.slice(1) : text;
  const [key, value] = word.split(/:(.*)/s);
  let test;
  if (key === "level" && value) test = (line) => levelOf(line.text) === value.toLowerCase();
  else if (key === "stream" && value) test = (line) => (line.stream === 2 ? "stderr" : "stdout") === value;
  else {
    const wanted = pattern(word);
    test = (line) => (wanted ? plain(line.text).search(wanted) >= 0 : true);
  }
  return negative ? (line) => !test(line) : test;
}

function query() {
  const text = at("find").value.trim();
  const filtering = at("filter").getAttribute("aria-pressed") === "true" && text !== "";
  const parts = /^\/.+\/i?$/.test(text) ? [text] : text.split(/\s+/);
  return { text, filtering, tokens: text ? parts.map(token) : [] };
}

function search() {
  const { text, filtering, tokens } = query();
  view.pattern = text && !/(^|\s)(-|level:|stream:)/.test(text) ? pattern(filtering ? text.split(/\s+/)[0] : text) : null;
  if (filtering !== search.filtered || filtering) refill();
  search.filtered = filtering;
  const wanted = view.pattern;
  find.matches = wanted ? [...view.lines()].filter((line) => plain(line.text).search(wanted) >= 0) : [];
  if (text && !wanted && tokens.length) find.matches = filtering ? [...view.lines()] : [];
  find.at = -1;
  at("hits").textContent = text ? say("matches", { n: find.matches.length.toLocaleString() }) : "";
  view.redraw();
}

function refill() {
  const all = held;
  view.clear();
  view.append(all.filter(fits));
  if (following) view.toBottom();
}

function step(by) {
  if (!find.matches.length) return;
  find.at = find.at < 0 ? (by > 0 ? 0 : find.matches.length - 1) : (find.at + by + find.matches.length) % find.matches.length;
  follow(false);
  choose(find.matches[find.at]);
  at("hits").textContent = say("match_of", { at: find.at + 1, n: find.matches.length.toLocaleString() });
}

function choose(line, scroll = true) {
  view.select(line, scroll);
  at("link").hidden = false;
  history.replaceState(null, "", `#${cursorOf(line)}`);
}

// -- the socket's news ---------------------------------------------------------------------

const on = (name, act) => socket.addEventListener(name, (event) => act(event.detail));
on("open", live);
on("lines", ({ lines }) => arrive(lines));
on("skipped", ({ count }) => view.divide(say("skipped", { n: count.toLocaleString() }), "warn"));
on("divider", ({ reason, text }) => {
  view.divide([say(`divider_${reason}`), text].filter(Boolean).join(": "));
  live();
});
on("reconnecting", ({ text }) => {
  connected = false;
  view.divide([say("engine_lost"), text].filter(Boolean).join(": "), "warn");
  setState("engine_lost", "warn");
});
on("ended", ({ reason, exit_code }) => {
  connected = false;
  view.divide(say(`ended_${reason}`, { code: exit_code ?? "?" }));
  setState("ended", "idle");
});
on("error", ({ reason }) => { view.divide(reason, "warn"); setState("ended", "bad"); });
on("waiting", ({ seconds }) => { connected = false; setState("waiting", "warn", { seconds }); });
on("closed", () => setState("closed", "bad"));
on("refused", ({ message }) => { view.divide(message, "warn"); setState("closed", "bad"); });

// -- the controls --------------------------------------------------------------------------

const toggle = (name, act) =>
  at(name).addEventListener("click", ({ currentTarget }) => {
    const pressed = currentTarget.getAttribute("aria-pressed") !== "true";
    currentTarget.setAttribute("aria-pressed", String(pressed));
    act(pressed);
  });

toggle("wrap", (pressed) => at("box").classList.toggle("nowrap", !pressed));
toggle("time", (pressed) => at("box").classList.toggle("notime", !pressed));
toggle("follow", follow);
toggle("filter", search);
at("pill").addEventListener("click", () => follow(true));
at("next").addEventListener("click", () => step(1));
at("previous").addEventListener("click", () => step(-1));
at("link").addEventListener("click", () => navigator.clipboard?.writeText(location.href));
at("box").addEventListener("scroll", () => {
  if (view.atBottom !== following && !goal) follow(view.atBottom);
}, { passive: true });
at("box").addEventListener("click", ({ target }) => {
  const row = target.closest(".l");
  if (row && target.classList.contains("ln")) choose(view.lineAt(row), false);
});

let typing;
at("find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, 150);
});
at("find").addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { at("find").value = ""; search(); at("box").focus(); }
});

const KEYS = { n: () => step(1), N: () => step(-1), w: () => at("wrap").click(), f: () => follow(true), g: () => { follow(false); at("box").scrollTop = 0; }, G: () => follow(true) };
at("box").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "f" && view.count > 5000) {
    event.preventDefault();
    at("find").focus();
  }
});

root.querySelector("form").addEventListener("change", ({ target }) => {
  if (target.name === "find") return;
  goal = "";
  reopen();
});
root.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  reopen();
});
addEventListener("pagehide", () => socket.close());
setInterval(status, 1000);
reopen();
