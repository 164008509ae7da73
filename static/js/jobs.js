// Numbers of running jobs: from the live socket straight into the page, without a morph.
// Rows, states and results are HTML that the page fetches when a job's state changes.

import { sizeText, spanText } from "./sizes.js";
import { text } from "./strings.js";

const MOST_NODES = 5000;

/** "12.3 MiB / 40 MiB · 3.1 MiB/s · 9 s left", or the last line where no size is known. */
export function totalsText({ current, total, rate, left, line }) {
  if (!total) return line || text("job_starting");
  const words = [`${sizeText(current)} / ${sizeText(total)}`];
  if (rate >= 1) words.push(`${sizeText(rate)}/s`);
  if (left !== null) words.push(text("job_left", { span: spanText(left) }));
  return words.join(" · ");
}

function showTotals(job) {
  const place = document.querySelector(`[data-job="${job.id}"]`);
  const bar = place?.querySelector("[data-bar]");
  if (!bar) return;
  if (job.total) Object.assign(bar, { max: job.total, value: job.current });
  place.querySelector("[data-totals]").textContent = totalsText(job);
}

function newRow(id) {
  const row = document.createElement("li");
  const name = document.createElement("code");
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  row.dataset.part = name.textContent = id;
  bar.className = "bar";
  bar.setAttribute("aria-label", id);
  words.className = "num";
  row.append(name, bar, words);
  return row;
}

function showPart(list, { id, status, current, total, done, things }) {
  const found = [...list.children].find((row) => row.dataset.part === id);
  const row = found ?? list.appendChild(newRow(id));
  const [, bar, words] = row.children;
  bar.max = total || 1;
  bar.value = done ? bar.max : current;
  bar.classList.toggle("ok", done);
  words.textContent = total && !done && !things ? `${status} ${sizeText(current)} / ${sizeText(total)}` : status;
}

// The log grows at its end, and follows it where its reader is there.
function showLines(place, { lines, said }) {
  const log = place?.querySelector("[data-lines] pre");
  const fresh = log ? Math.min(said - Number(log.dataset.said), lines.length) : 0;
  if (fresh <= 0) return;
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  for (const line of lines.slice(-fresh)) {
    const part = document.createElement(line.startsWith("Step ") ? "b" : "span");
    part.textContent = line;
    log.append(part, "\n");
  }
  while (log.childNodes.length > MOST_NODES) log.firstChild.remove();
  log.dataset.said = said;
  log.parentElement.hidden = false;
  if (atEnd) log.scrollTop = log.scrollHeight;
}

document.body.addEventListener("jobs-progress", ({ detail }) => detail.jobs.forEach(showTotals));

document.body.addEventListener("job-progress", ({ detail }) => {
  showTotals(detail);
  const list = document.querySelector(`[data-job="${detail.id}"] [data-steps]`);
  if (list) detail.parts.forEach((part) => showPart(list, part));
  showLines(document.querySelector(`[data-job="${detail.id}"]`), detail);
});

// A run that asked for it (?then=open) goes on to the container once it is there.
function followEnd() {
  const asked = new URLSearchParams(location.search).get("then") === "open";
  const result = asked && document.querySelector("[data-job]:has([data-state].ok) [data-result]");
  if (result) location.replace(result.href);
}

document.body.addEventListener("htmx:after:swap", followEnd);
followEnd();
