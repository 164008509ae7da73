// One websocket per tab: topics out, past-tense events in, fired on <body>.
// Lists listen with hx-trigger="containers-changed from:body"; the HTML is fetched by GET.

import { text } from "./strings.js";
import { toast } from "./toasts.js";

const RETRIED = [1006, 1012];
const REFUSED = { 1008: "live_refused", 4001: "live_login_over", 4429: "live_too_many" };
const bar = document.getElementById("livebar");
const news = document.getElementById("live-news"); // read out: the bar counts seconds, which nobody could listen to
const topics = new Set((document.body.dataset.liveTopics || "").split(/[\s,]+/).filter(Boolean));

if (document.getElementById("jobs-tray")) topics.add("jobs");

let socket = null;
let timer = 0;
let failures = 0;
let wasOpen = false;
let leaving = false;
let refused = false; // for good: who subscribes later changes nothing

/** Follow more topics, as "stats:<host>:<id>". */
export function subscribe(...more) {
  more.forEach((topic) => topics.add(topic));
  sendTopics();
}

export function unsubscribe(...less) {
  less.forEach((topic) => topics.delete(topic));
  sendTopics();
}

function sendTopics() {
  if (!socket && topics.size && !refused) connect();
  else if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ sub: [...topics], since: shown() }));
}

// data-live-since: the version that this page was rendered from; later ones are news to it.
function shown() {
  const since = document.body.dataset.liveSince;
  if (!since || wasOpen) return {};
  return Object.fromEntries([...topics].filter((topic) => /^(containers|images):/.test(topic)).map((topic) => [topic, Number(since)]));
}

function connect() {
  clearInterval(timer);
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/`);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", ({ data }) => fire(JSON.parse(data)));
  socket.addEventListener("close", ({ code }) => closed(code));
}

function opened() {
  if (failures) news.textContent = text("live_back");
  failures = 0;
  sendTopics();
  show("");
  if (wasOpen) topics.forEach(missed);
  wasOpen = true;
}

// What happened while the socket was away is unknown: let each list look again.
function missed(topic) {
  const [kind, host] = topic.split(":");
  if (kind !== "stats") fire({ event: `${kind}-changed`, host, ids: [], missed: true });
}

function fire({ event, ...detail }) {
  document.body.dispatchEvent(new CustomEvent(event, { bubbles: true, detail }));
}

function closed(code) {
  socket = null;
  if (leaving) return;
  if (RETRIED.includes(code)) return retryLater();
  refused = true;
  if (REFUSED[code]) {
    show(text(REFUSED[code]));
    toast("warn", text(REFUSED[code]), { url: location.href, action: text("reload") });
  }
}

// 1–30 s, doubled each time, spread so that a restarted server is not met by every tab at once.
function retryLater() {
  if (!failures) news.textContent = text("live_paused");
  const most = Math.min(30, 2 ** ++failures);
  countDown(Math.ceil(1 + Math.random() * (most - 1)));
}

function countDown(seconds) {
  const due = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((due - Date.now()) / 1000);
    show(left > 0 ? text("live_retry", { seconds: left }) : text("live_connecting"));
    if (left <= 0) connect();
  };
  clearInterval(timer);
  timer = setInterval(tick, 1000);
  tick();
}

function show(words) {
  if (words && wasOpen && !document.body.classList.contains("stale")) grow();
  bar.hidden = !words;
  bar.textContent = words;
  document.body.classList.toggle("stale", Boolean(words));
}

/* What a list shows is of now, and grows old from here on. */
function grow() {
  for (const time of document.querySelectorAll(".fresh time")) {
    Object.assign(time, { dateTime: new Date().toISOString(), title: "" });
    time.dispatchEvent(new CustomEvent("times-added", { bubbles: true }));
  }
}

addEventListener("online", () => socket || refused || !topics.size || connect());
addEventListener("pagehide", () => {
  leaving = true;
  clearInterval(timer);
  socket?.close();
});
addEventListener("pageshow", (event) => {
  leaving = false;
  if (event.persisted && topics.size && !socket) connect();
});

if (topics.size) connect();
