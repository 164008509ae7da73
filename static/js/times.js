// <time data-time="ago|for|clock|full" datetime="…"> in the reader's language and zone.

import { language } from "./strings.js";

const REFRESH_MS = 20_000;
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const lengths = Object.fromEntries(
  UNITS.map(([unit]) => [unit, new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" })]),
);

function count(seconds) {
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, length]) => size >= length) ?? ["second", 1];
  return [unit, Math.trunc(seconds / length)];
}

/** "3 days ago", "now". */
export function ago(date, now = Date.now()) {
  const [unit, number] = count((date - now) / 1000);
  return relative.format(number, unit);
}

/** "3 days". */
export function lasting(date, now = Date.now()) {
  const [unit, number] = count(Math.max(0, (now - date) / 1000));
  return lengths[unit].format(number);
}

const shapes = { ago, for: lasting, clock: (date) => clock.format(date), full: (date) => full.format(date) };

export function wordTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const words = (shapes[element.dataset.time] ?? ago)(date);
    if (element.textContent !== words) element.textContent = words;
    element.title ||= exact.format(date);
  }
}

wordTimes();
setInterval(() => document.hidden || wordTimes(), REFRESH_MS);
document.addEventListener("htmx:after:swap", () => wordTimes());
document.addEventListener("times-added", ({ target }) => wordTimes(target));
document.addEventListener("visibilitychange", () => document.hidden || wordTimes());
