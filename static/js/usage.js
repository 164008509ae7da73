// What the rows on the screen use: CPU with its line, memory with its bar. Asked for of those that
// somebody can see, and put into their cells directly: a refresh of the list leaves these alone.

import { subscribe, unsubscribe } from "./live.js";
import { sizeText } from "./sizes.js";
import { language } from "./strings.js";

const MOST = 100; // rows
const TRAIL = 24; // shares of the CPU that a line shows
const [WIDTH, HEIGHT] = [72, 20];
const HOT = 90; // percent of a core
const SETTLE_MS = 250;
const host = /containers:(\S+)/.exec(document.body.dataset.liveTopics)?.[1];
const number = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const list = document.getElementById("list");
const known = new Map(); // short id → { memory, limit, trail }
const inView = new Set(); // elements of rows
let topics = [];
let timer = 0;

const short = (row) => row.id.slice(2, 14);
const rowOf = (id) => list.querySelector(`[data-row][id^="c-${id}"]`);

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
  settle();
});

/* Rows may have come and gone, and been scrolled past: ask anew once it is quiet. */
function settle() {
  clearTimeout(timer);
  timer = setTimeout(ask, SETTLE_MS);
}

function ask() {
  const seen = document.hidden ? [] : [...inView].filter((row) => row.isConnected && row.querySelector(".cpu, .mem")?.offsetParent);
  const ids = seen.map(short).sort().slice(0, MOST);
  const wanted = ids.length ? [`usage:${host}:${ids.join()}`] : [];
  if (!document.hidden && document.querySelector("[data-measured]")) wanted.push(`usage:${host}:all`);
  if (wanted.join() === topics.join()) return;
  const gone = topics.filter((topic) => !wanted.includes(topic));
  topics = wanted;
  subscribe(...wanted);
  unsubscribe(...gone);
}

function look() {
  for (const row of list.querySelectorAll("[data-row]")) {
    watcher.observe(row);
    if (row.querySelector("td.no")) known.delete(short(row)); // it does not run any more
    draw(row, known.get(short(row)));
  }
  settle();
}

document.body.addEventListener("usage", ({ detail }) => {
  for (const [id, told] of Object.entries(detail.rows)) {
    if (told) take(id, told);
    else known.delete(id);
    const row = rowOf(id);
    if (row) draw(row, known.get(id));
  }
});

function take(id, [memory, limit, whole, ...shares]) {
  const before = whole ? [] : known.get(id)?.trail ?? [];
  known.set(id, { memory, limit, trail: [...before, ...shares].slice(-TRAIL) });
}

/* A list that is sorted or filtered by it comes in its new order. */
document.body.addEventListener("usage-swept", () => {
  document.body.dispatchEvent(new CustomEvent("containers-changed", { bubbles: true, detail: { ids: [] } }));
});

function draw(row, use) {
  const [cpu, memory] = ["cpu", "mem"].map((css) => row.querySelector(`td.${css}:not(.no)`));
  if (cpu) drawCpu(cpu, use?.trail ?? []);
  if (memory) drawMemory(memory, use);
}

function drawCpu(cell, trail) {
  if (!trail.length) return cell.replaceChildren();
  if (!cell.firstChild) cell.append(spark(), "");
  cell.firstChild.firstChild.setAttribute("d", line(trail));
  cell.lastChild.nodeValue = `${number.format(trail.at(-1))}%`;
  cell.classList.toggle("hot", trail.at(-1) >= HOT);
}

/** An empty line of the latest shares, as an <svg> element. */
function spark() {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.append(path);
  return svg;
}

/** Its path, of percents: the newest stands at the right, what idles is a flat line at the bottom. */
function line(trail) {
  const top = Math.max(10, ...trail);
  const step = WIDTH / (TRAIL - 1);
  const points = trail.map((share, place) => `${(WIDTH - (trail.length - 1 - place) * step).toFixed(1)} ${(HEIGHT - 1 - ((HEIGHT - 2) * share) / top).toFixed(1)}`);
  return `M${points.join("L")}`;
}

function drawMemory(cell, use) {
  if (!use) return cell.replaceChildren();
  if (!cell.firstChild) cell.append("", document.createElement("meter"));
  const { memory, limit } = use;
  cell.firstChild.nodeValue = sizeText(memory);
  cell.title = `${sizeText(memory)} / ${sizeText(limit)}`;
  Object.assign(cell.lastChild, { className: "bar", ariaHidden: "true", max: limit || 1, low: limit * 0.75, high: limit * 0.9, optimum: 0, value: memory });
}

if (list) {
  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("visibilitychange", settle);
  look();
} else import("./usage_sum.js").then((overview) => overview.begin(spark, line));
