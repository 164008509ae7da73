// The stats of one container: graphs and numbers by the live socket, its processes by GET.

import { subscribe } from "./live.js";
import { sizeText } from "./sizes.js";
import { language } from "./strings.js";

const KEPT_S = 300;
const GAP_S = 10; // between two points that are further apart the line is broken
const TOP_MS = 5000;
const page = document.getElementById("stats");
const words = JSON.parse(document.getElementById("stats-words").textContent);
const limit = Number(page.dataset.limit);
const number = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = (value) => `${number.format(value)} %`;
const rate = (value) => `${sizeText(value)}/s`;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const POWERS = Array.from({ length: 60 }, (_, power) => 2 ** power);

/* A token as a canvas understands it: light-dark() must be worked out by the browser. */
const colour = (name) => () => {
  page.style.setProperty("outline-color", `var(${name})`);
  return getComputedStyle(page).outlineColor;
};

let points = []; // as containers/sockets.py sends them
const graphs = [
  graph("plot-cpu", percent, ["--accent"], 1, ([, cpu]) => [cpu]),
  graph("plot-memory", sizeText, limit ? ["--accent", "--bad-dot"] : ["--accent"], 4096, (now) => [now[2], limit].slice(0, limit ? 2 : 1)),
  graph("plot-network", rate, ["--accent", "--warn-dot"], 1024, (now, before) => [perSecond(now, before, 4), perSecond(now, before, 5)]),
  graph("plot-blocks", rate, ["--accent", "--warn-dot"], 1024, (now, before) => [perSecond(now, before, 6), perSecond(now, before, 7)]),
];

/* ``values(now, before)``: what the lines show of a point; ``least`` is the top of an idle graph. */
function graph(id, label, colours, least, values) {
  const slot = document.getElementById(id);
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  const series = colours.map((name) => ({ stroke: colour(name), width: 1.5, dash: name === "--bad-dot" ? [6, 4] : undefined, points: { show: false } }));
  const plot = new uPlot({
    ...room(slot),
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { range: span }, y: { range: (_, low, high) => [0, Math.max(least, (high || 0) * 1.1)] } },
    axes: [
      { ...axis, size: 26, space: 50, incrs: [60, 120], values: (_, marks) => marks.map((at) => clock.format(at * 1000)) },
      { ...axis, size: 76, space: 36, ...(label === percent ? {} : { incrs: POWERS }), values: (_, marks) => marks.map(label) },
    ],
    series: [{}, ...series],
  }, [[], ...colours.map(() => [])], slot);
  return { slot, plot, draw: () => plot.setData(columns(colours.length, values)) };
}

function room(slot) {
  return { width: Math.max(160, slot.clientWidth - 8), height: 162 };
}

function span() {
  const last = points.at(-1)?.[0] ?? Date.now() / 1000;
  return [last - KEPT_S, last];
}

function columns(count, values) {
  const made = [[], ...Array.from({ length: count }, () => [])];
  points.forEach((now, place) => {
    const before = points[place - 1];
    if (before && now[0] - before[0] > GAP_S) put(made, now[0] - 1, Array(count).fill(null));
    put(made, now[0], values(now, before));
  });
  return made;
}

function put(made, at, values) {
  made[0].push(at);
  values.forEach((value, place) => made[place + 1].push(value));
}

/* Of a sum that only grows; null for the first, after a pause, and where it began anew. */
function perSecond(now, before, column) {
  if (!before || now[0] <= before[0] || now[0] - before[0] > GAP_S || now[column] < before[column]) return null;
  return (now[column] - before[column]) / (now[0] - before[0]);
}

function say(id, words) {
  document.getElementById(`stat-${id}`).textContent = words;
}

function tell() {
  const now = points.at(-1), before = points.at(-2);
  if (!now) return;
  say("cpu", now[1] === null ? "–" : percent(now[1]));
  say("memory", words[limit ? "limit" : "host"].replace("{size}", sizeText(now[2])).replace("{limit}", sizeText(now[3])));
  ["received", "sent", "read", "written"].forEach((name, place) => {
    const speed = perSecond(now, before, 4 + place);
    say(name, `${speed === null ? "–" : rate(speed)} · ${sizeText(now[4 + place])}`);
  });
  say("pids", now[8]);
}

function show() {
  graphs.forEach(({ draw }) => draw());
  tell();
}

document.body.addEventListener("stats", ({ detail }) => {
  if (detail.id !== page.dataset.object) return;
  points = detail.whole ? detail.points : [...points, ...detail.points];
  const first = (points.at(-1)?.[0] ?? 0) - KEPT_S;
  points = points.filter(([at]) => at >= first);
  const state = document.getElementById("stats-state");
  if (state.textContent !== words[detail.state]) state.textContent = words[detail.state];
  page.dataset.state = detail.state;
  if (!document.hidden) show();
});

document.addEventListener("visibilitychange", () => document.hidden || show());
new ResizeObserver(() => graphs.forEach(({ slot, plot }) => plot.setSize(room(slot)))).observe(page);

/* The colours are asked for whenever it draws. */
const repaint = () => graphs.forEach(({ plot }) => plot.redraw(false, true));
new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

/* The sort stands in the address of the page, and each refresh asks for the same. */
const list = document.getElementById("top");
list.addEventListener("click", ({ target }) => {
  const link = target.closest("[data-sort]");
  if (link) history.replaceState(history.state, "", `?sort=${encodeURIComponent(link.dataset.sort)}`);
});
setInterval(() => {
  if (document.hidden) return;
  htmx.ajax("GET", list.dataset.url + location.search, { source: list, target: list, swap: "innerMorph" });
}, TOP_MS);

subscribe(page.dataset.topic);
