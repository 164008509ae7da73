// 100,000 lines in a scrolling box: chunks keep their lines as values and have rows in the DOM
// only near the view. A chunk that holds the selection keeps its rows.

import { escapeHtml, pieces, plain } from "./ansi.js";
import { cursorOf, timeOf } from "./log_socket.js";

const PER_CHUNK = 250;
const ROW_HEIGHT = 24;
const ALL_IN_DOM = 5000; // up to here the browser's own find must reach every line
export const MOST_LINES = 200_000;

const two = (n) => String(n).padStart(2, "0");
const clock = (d) =>
  `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
const LEVEL = /\b(?:level[=":\s]+"?(?<a>\w+)|(?<b>FATAL|CRITICAL|ERROR|ERR|WARN(?:ING)?|INFO|DEBUG|TRACE))\b/i;

export function levelOf(text) {
  const found = LEVEL.exec(text.slice(0, 400));
  const word = (found?.groups.a ?? found?.groups.b ?? "").toLowerCase();
  if (/^(fatal|critical|error|err|panic)/.test(word)) return "error";
  return word.startsWith("warn") ? "warn" : word;
}

function markup(text, pattern) {
  if (!pattern) return escapeHtml(text);
  let out = "";
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (!match[0]) continue;
    out += `${escapeHtml(text.slice(from, match.index))}<mark>${escapeHtml(match[0])}</mark>`;
    from = match.index + match[0].length;
  }
  return out + escapeHtml(text.slice(from));
}

function body(line, pattern) {
  if (pattern && line.text.includes("\x1b[")) return markup(plain(line.text), pattern);
  return pieces(line.text)
    .map((piece) => {
      const text = markup(piece.text, pattern);
      return piece.className ? `<span class="${piece.className}">${text}</span>` : text;
    })
    .join("");
}

export class LogView {
  constructor(box) {
    this.box = box;
    this.chunks = [];
    this.count = 0;
    this.dropped = 0;
    this.pattern = null;
    this.current = null;
    this.observer = new IntersectionObserver((entries) => entries.forEach((e) => this.seen(e)), {
      root: box,
      rootMargin: "1200px 0px",
    });
  }

  clear() {
    this.observer.disconnect();
    this.box.replaceChildren();
    this.chunks = [];
    this.count = this.dropped = 0;
    this.current = null;
  }

  append(lines) {
    for (let from = 0; from < lines.length; ) {
      let chunk = this.chunks.at(-1);
      if (!chunk || chunk.lines.length >= PER_CHUNK || chunk.divider) chunk = this.addChunk();
      const taken = lines.slice(from, from + PER_CHUNK - chunk.lines.length);
      chunk.lines.push(...taken);
      if (chunk.shown) chunk.element.insertAdjacentHTML("beforeend", this.rows(chunk, taken));
      else chunk.element.style.height = `${chunk.lines.length * ROW_HEIGHT}px`;
      from += taken.length;
    }
    this.count += lines.length;
    this.trim();
  }

  divide(text, kind = "") {
    const element = document.createElement("div");
    element.className = `l-divider ${kind}`;
    element.textContent = text;
    this.box.append(element);
    this.chunks.push({ element, lines: [], divider: true, shown: true });
  }

  addChunk() {
    const element = document.createElement("div");
    element.className = "log-chunk";
    const chunk = { element, lines: [], shown: this.count < ALL_IN_DOM, first: this.count + this.dropped + 1 };
    element.chunk = chunk;
    this.box.append(element);
    this.chunks.push(chunk);
    this.observer.observe(element);
    return chunk;
  }

  seen({ target, isIntersecting }) {
    const { chunk } = target;
    if (isIntersecting) this.show(chunk);
    else if (chunk.shown && this.count > ALL_IN_DOM && chunk.lines.length >= PER_CHUNK) this.hide(chunk);
  }

  show(chunk) {
    if (chunk.shown) return;
    chunk.shown = true;
    chunk.element.innerHTML = this.rows(chunk, chunk.lines);
    chunk.element.style.height = "";
  }

  hide(chunk) {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && selection.containsNode(chunk.element, true)) return;
    chunk.element.style.height = `${chunk.element.offsetHeight}px`;
    chunk.element.textContent = "";
    chunk.shown = false;
  }

  rows(chunk, lines) {
    let number = chunk.first + chunk.lines.length - lines.length;
    return lines.map((line) => this.row(line, number++)).join("");
  }

  row(line, number) {
    const time = timeOf(line);
    const level = levelOf(line.text);
    const classes = ["l", line.stream === 2 ? "e" : "", level === "error" ? "err" : "", line === this.current ? "hit" : ""];
    const shown = line.high || line.low ? `<time datetime="${time.toISOString()}">${clock(time)}</time>` : "<time></time>";
    return `<div class="${classes.join(" ").trim()}"><span class="ln">${number}</span>${shown}<span class="m">${body(line, this.pattern)}</span></div>`;
  }

  trim() {
    while (this.count > MOST_LINES && this.chunks.length > 1) {
      const chunk = this.chunks.shift();
      this.observer.unobserve(chunk.element);
      chunk.element.remove();
      this.count -= chunk.lines.length;
      this.dropped += chunk.lines.length;
    }
  }

  // Draw again what is shown: after a change of the pattern or of the current line.
  redraw() {
    for (const chunk of this.chunks) {
      if (chunk.shown && !chunk.divider) chunk.element.innerHTML = this.rows(chunk, chunk.lines);
    }
  }

  *lines() {
    for (const chunk of this.chunks) for (const line of chunk.lines) yield line;
  }

  lineAt(row) {
    const chunk = row.parentElement?.chunk;
    return chunk?.lines[[...row.parentElement.children].indexOf(row)];
  }

  select(line, scroll = true) {
    this.current = line;
    this.redraw();
    const chunk = this.chunks.find((candidate) => candidate.lines.includes(line));
    if (!chunk || !scroll) return;
    this.show(chunk);
    chunk.element.children[chunk.lines.indexOf(line)]?.scrollIntoView({ block: "center" });
  }

  find(cursor) {
    for (const line of this.lines()) if (cursorOf(line) === cursor) return line;
    return null;
  }

  get atBottom() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40;
  }

  toBottom() {
    this.box.scrollTop = this.box.scrollHeight;
  }
}
