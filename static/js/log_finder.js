// Finds lines in what is held, in idle slices, so that the page answers meanwhile. Expressions run
// in a worker, which is ended when it does not answer.

import { plain } from "./ansi.js";
import { levelOf, Line } from "./log_line.js";
import { compiled, match } from "./log_match.js";

const SLICE_MS = 8;
const BATCH_LINES = 2000;
const BATCH_CHARACTERS = 262_144;
const PATIENCE_MS = 2000;

const idle = () => new Promise((resolve) => {
  if (window.requestIdleCallback) requestIdleCallback(resolve, { timeout: 50 });
  else setTimeout(resolve);
});

export class Finder {
  // `tell`: {found(items), done(), slow()}. `found` gets the matches, and the notes between them.
  constructor(store, workerUrl, names, tell) {
    Object.assign(this, { store, workerUrl, names, tell, query: null, generation: 0 });
    this.reset();
  }

  reset() {
    this.generation += 1;
    this.at = 0;
    this.lines = [];
    this.hits = new Map();
    this.running = false;
    this.tooSlow = false;
  }

  set(query) {
    this.reset();
    this.worker?.terminate();
    this.worker = null;
    this.query = query && !query.error && (query.patterns.length || query.chips.length) ? query : null;
    this.patterns = this.query ? compiled(query.patterns) : [];
    this.inWorker = Boolean(this.query?.patterns.some((pattern) => pattern.regex));
    this.feed();
  }

  marks(line) {
    return this.hits.get(line) ?? [];
  }

  /** The store has let go of so many items. */
  dropped(count) {
    this.at = Math.max(0, this.at - count);
    const first = this.store.items[0]?.n ?? 0;
    let gone = 0;
    while (gone < this.lines.length && this.lines[gone].n < first) this.hits.delete(this.lines[gone++]);
    this.lines.splice(0, gone);
  }

  /** Look at what has come since. */
  async feed() {
    if (!this.query || this.running || this.tooSlow) return;
    this.running = true;
    const run = this.generation;
    while (run === this.generation && this.at < this.store.items.length) {
      try {
        await (this.inWorker ? this.batch(run) : this.slice());
      } catch {
        if (run === this.generation) this.giveUp();
        return;
      }
      await idle();
    }
    if (run !== this.generation) return;
    this.running = false;
    this.tell.done();
  }

  giveUp() {
    this.tooSlow = true;
    this.running = false;
    this.worker?.terminate();
    this.worker = null;
    this.tell.slow();
  }

  async slice() {
    const until = performance.now() + SLICE_MS;
    const found = [];
    while (this.at < this.store.items.length && performance.now() < until) {
      for (let end = Math.min(this.at + 100, this.store.items.length); this.at < end; this.at++) {
        const item = this.store.items[this.at];
        this.keep(item, this.judge(item, (line) => match(this.patterns, plain(line.text))), found);
      }
    }
    this.tell.found(found);
  }

  async batch(run) {
    const items = [];
    let size = 0;
    for (let at = this.at; at < this.store.items.length && items.length < BATCH_LINES && size < BATCH_CHARACTERS; at++) {
      items.push(this.store.items[at]);
      size += this.store.items[at].text.length;
    }
    const asked = items.filter((item) => this.judge(item, () => true));
    const answers = await this.ask(asked.map((line) => plain(line.text)), run);
    if (run !== this.generation) return;
    const judged = new Map(asked.map((line, place) => [line, answers[place]]));
    const found = [];
    for (const item of items) this.keep(item, judged.get(item) ?? null, found);
    this.at = this.store.items.indexOf(items.at(-1), Math.max(0, this.at - 1)) + 1;
    this.tell.found(found);
  }

  judge(item, test) {
    if (!(item instanceof Line)) return null;
    return this.query.chips.every((chip) => this.holds(chip, item)) ? test(item) : null;
  }

  holds({ key, values, negative }, line) {
    const value = { level: () => levelOf(line), stream: () => (line.stream === 2 ? "stderr" : "stdout"), container: () => (this.names[line.source] ?? "").toLowerCase() }[key]();
    return values.includes(value) !== negative;
  }

  keep(item, ranges, found) {
    if (!(item instanceof Line)) found.push(item);
    if (ranges === null) return;
    this.lines.push(item);
    this.hits.set(item, ranges);
    found.push(item);
  }

  // The patience counts from when the worker runs: a busy machine starts it late.
  async ask(texts, run) {
    const worker = this.worker ?? (await this.begin());
    if (run !== this.generation) return worker.terminate();
    this.worker = worker;
    const patterns = this.query.patterns.map(({ source, flags, negative }) => ({ source, flags, negative }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(reject, PATIENCE_MS);
      worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        resolve(data.ranges);
      };
      worker.postMessage({ patterns, texts });
    });
  }

  begin() {
    const worker = new Worker(this.workerUrl, { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = () => resolve(worker);
      worker.onerror = reject;
    });
  }
}
