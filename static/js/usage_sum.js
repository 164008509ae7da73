// What the running containers of each host use together: into the cards on the screen, directly; a
// refresh of the overview leaves these places alone.

import { subscribe, unsubscribe } from "./live.js";
import { sizeText } from "./sizes.js";
import { language } from "./strings.js";

const SETTLE_MS = 250;
const HOT = 90; // percent of all CPUs
const [few, many] = [2, 1].map((digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const body = document.getElementById("overview-body");
const inView = new Set();
let topics = [];
let timer = 0;
let [spark, line] = [];

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
  settle();
});

function settle() {
  clearTimeout(timer);
  timer = setTimeout(ask, SETTLE_MS);
}

function ask() {
  for (const place of inView) if (!place.isConnected) inView.delete(place);
  const hosts = new Set(document.hidden ? [] : [...inView].map((place) => place.dataset.sum));
  const wanted = [...hosts].map((host) => `usage:${host}:sum`).sort();
  if (wanted.join() === topics.join()) return;
  const gone = topics.filter((topic) => !wanted.includes(topic));
  topics = wanted;
  subscribe(...wanted);
  unsubscribe(...gone);
}

function look() {
  for (const place of body.querySelectorAll(".sum")) {
    if (!place.firstChild) place.append(document.createElement("span"), "cpu" in place.dataset ? spark() : bar());
    watcher.observe(place);
  }
  settle();
}

function bar() {
  return Object.assign(document.createElement("meter"), { className: "bar", ariaHidden: "true" });
}

document.body.addEventListener("usage-sum", ({ detail }) => {
  const [cpu, memory] = ["cpu", "memory"].map((what) => document.getElementById(`sum-${what}-${detail.host}`));
  if (!cpu || !memory) return;
  if (detail.part !== "part" in cpu.dataset) return anew();
  drawCpu(cpu, detail);
  drawMemory(memory, detail);
});

/* The person sees all of the host now, or no longer: it is named as what it is. */
function anew() {
  document.body.dispatchEvent(new CustomEvent("engine-changed", { bubbles: true, detail: { ids: [] } }));
}

function drawCpu(place, use) {
  const [shares, used] = [use.cpu.map((percent) => percent / place.dataset.cpu), use.cpu.at(-1) / 100];
  place.lastChild.firstChild.setAttribute("d", line(shares));
  place.lastChild.classList.toggle("hot", shares.at(-1) >= HOT);
  tell(place, (used < 1 ? few : many).format(used), use);
}

function drawMemory(place, use) {
  const max = Number(place.dataset.memory) || 1;
  Object.assign(place.lastChild, { max, low: max * 0.75, high: max * 0.9, optimum: 0, value: use.memory });
  tell(place, sizeText(use.memory), use);
}

function tell(place, used, { measured, running }) {
  const words = measured < running ? place.dataset.some : place.dataset.words;
  const values = { used, measured, running };
  place.firstChild.textContent = words.replace(/\{(\w+)\}/g, (whole, name) => values[name]);
}

/** `spark()` and `line(trail)` draw as in a list (usage.js). */
export function begin(...drawing) {
  [spark, line] = drawing;
  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("visibilitychange", settle);
  look();
}
