// "Load earlier": the lines just before the oldest that are held.

import { csrfToken } from "./strings.js";
import { cursorOf } from "./log_line.js";
import { at, say } from "./log_page.js";
import { linesOf } from "./log_wire.js";
import { toast } from "./toasts.js";

const LINES = 2000;

export class Earlier {
  // `page`: {store, containers, prepend(lines), stream()}; see logs.js.
  constructor(page) {
    this.page = page;
    this.begins = false; // what is held is the log's beginning
    this.busy = false;
    at("earlier").addEventListener("click", () => this.load());
  }

  /** Whether to offer it. */
  show() {
    const { store } = this.page;
    const known = (this.begins || store.count < this.page.range.tail) && store.dropped === 0;
    at("more").hidden = known || store.count === 0;
    at("earlier").disabled = this.busy;
  }

  async load(lines = LINES) {
    const { store, containers } = this.page;
    if (this.busy || !store.first) return;
    this.busy = true;
    const { generation } = this.page;
    try {
      const parts = await Promise.all(containers.map((one, place) => this.part(one, place, lines)));
      if (generation !== this.page.generation) return;
      const { stream } = this.page;
      const merged = joined(parts).filter((line) => !stream() || (line.stream === 2) === (stream() === "stderr"));
      this.begins = parts.every((part) => part.begins);
      if (merged.length) this.page.prepend(merged);
    } catch {
      toast("warn", say("earlier_failed"));
    } finally {
      this.busy = false;
      this.show();
    }
  }

  async part(container, place, lines) {
    const { store } = this.page;
    const oldest = store.firstOf(place);
    const before = oldest ? cursorOf(oldest) : `${cursorOf(store.first).split(".")[0]}.0`;
    const asked = new URLSearchParams({ before, lines, held: store.count });
    const answer = await fetch(`${container.earlier}?${asked}`, { headers: { "X-CSRFToken": csrfToken() } });
    if (!answer.ok) throw new Error(await answer.text());
    const data = await answer.arrayBuffer();
    const found = data.byteLength ? linesOf(data, new Uint8Array(data)) : [];
    for (const line of found) line.source = place;
    return { lines: found, begins: answer.headers.get("Log-Begins") === "1" };
  }
}

const later = (a, b) => a.high - b.high || a.low - b.low || a.source - b.source || a.ordinal - b.ordinal;

// Containers reach back to different times. Before the latest of those beginnings a part may lack
// lines of another: what stands before it is left for the next time.
function joined(parts) {
  if (parts.length === 1) return parts[0].lines;
  const begins = parts.filter((part) => !part.begins && part.lines.length).map((part) => part.lines[0]);
  const from = begins.length ? begins.reduce((a, b) => (later(a, b) > 0 ? a : b)) : null;
  for (const part of parts) {
    const kept = from ? part.lines.filter((line) => line.high > from.high || (line.high === from.high && line.low >= from.low)) : part.lines;
    part.begins &&= kept.length === part.lines.length;
    part.lines = kept;
  }
  return parts.flatMap((part) => part.lines).sort(later);
}
