// Every line that is held, also those that a filter hides, in the log's order.

import { Line, Note } from "./log_line.js";
import { Traces } from "./log_traces.js";

export const MOST_LINES = 200_000;
const MOST_READING = 300_000; // while somebody reads further up nothing is let go before this
const STEP = 250;

export class Store {
  constructor() {
    this.clear();
  }

  clear() {
    this.items = [];
    this.count = 0;
    this.dropped = 0;
    this.last = 0;
    this.traces = new Traces();
  }

  /** Numbers the lines; gives those before them that turned out to begin a stack trace. */
  append(lines) {
    const heads = [];
    for (const line of lines) {
      line.n = ++this.last;
      const head = this.traces.take(line);
      if (head && head.n < lines[0].n) heads.push(head);
      this.items.push(line);
    }
    this.count += lines.length;
    return heads;
  }

  note(text, kind = "", action = null) {
    const note = new Note(text, kind, action);
    note.n = this.last + 0.5;
    this.items.push(note);
    return note;
  }

  /** Lines from before the first. Where they do not fit below its number, all are counted anew. */
  prepend(lines) {
    const traces = new Traces();
    for (const line of lines) traces.take(line);
    const first = this.first?.n ?? this.last + 1;
    const shift = Math.max(0, lines.length + 1 - Math.floor(first));
    if (shift) for (const item of this.items) item.n += shift;
    this.last += shift;
    lines.forEach((line, at) => { line.n = Math.floor(first) + shift - lines.length + at; });
    this.items = lines.concat(this.items);
    this.count += lines.length;
    this.dropped = Math.max(0, this.dropped - lines.length);
  }

  /** Let go of the oldest; gives how many items went. */
  trim(reading) {
    const over = this.count - (reading ? MOST_READING : MOST_LINES);
    if (over < STEP) return 0;
    const gone = this.items.splice(0, over);
    const lines = gone.reduce((sum, item) => sum + (item instanceof Line ? 1 : 0), 0);
    this.count -= lines;
    this.dropped += lines;
    return gone.length;
  }

  get first() {
    return this.items.find((item) => item instanceof Line);
  }

  firstOf(source) {
    return this.items.find((item) => item instanceof Line && item.source === source);
  }

  /** By its place in the log: container, nanoseconds in two halves, ordinal. */
  find(source, high, low, ordinal) {
    return this.items.find((item) =>
      item.low === low && item.high === high && item.ordinal === ordinal && item.source === source);
  }
}
