// A line of a log, and a note between lines. Both are items of the store, in the log's order.

import { plain } from "./ansi.js";

// What most lines never have: the line that begins the stack trace which this one continues, how many
// lines continue it, whether those are folded, the list of its fields, whether all of it is shown.
const RARE = { head: null, tail: 0, folded: false, open: null, whole: false };

export class Line {
  // There are 200,000 of these: seven fields. Time in two halves, for a double would lose
  // nanoseconds; `source` is a place in the list of containers; `n` is given by the store.
  constructor(stream, high, low, ordinal, text, source = 0) {
    this.high = high;
    this.low = low;
    this.ordinal = ordinal;
    this.text = text;
    this.origin = source * 4 + stream;
    this.n = 0;
    this.rare = null;
  }

  get stream() {
    return this.origin & 3;
  }

  get source() {
    return this.origin >> 2;
  }

  set source(place) {
    this.origin = place * 4 + this.stream;
  }
}

for (const name of Object.keys(RARE)) {
  Object.defineProperty(Line.prototype, name, {
    get() {
      return (this.rare ?? RARE)[name];
    },
    set(value) {
      (this.rare ??= { ...RARE })[name] = value;
    },
  });
}

export class Note {
  constructor(text, kind = "", action = null) {
    Object.assign(this, { text, kind, action, n: 0 });
  }
}

const nanoseconds = (line) => (BigInt(line.high) << 32n) | BigInt(line.low);

// The place of a line as text: nanoseconds and ordinal, exact.
export const cursorOf = (line) => `${nanoseconds(line)}.${line.ordinal}`;

export const timeOf = (line) => new Date((line.high * 4294967296 + line.low) / 1e6);

const two = (n) => String(n).padStart(2, "0");

export function clockOf(line) {
  const d = timeOf(line);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
}

// Local and absolute, then UTC with every digit that the engine gave.
export function exactTime(line, language) {
  const local = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  const fraction = String(nanoseconds(line) % 1_000_000_000n).padStart(9, "0");
  return `${local.format(timeOf(line))}\n${timeOf(line).toISOString().slice(0, 19)}.${fraction}Z`;
}

// -- level ---------------------------------------------------------------------------------

const NAMED = /\b(?:level|lvl|severity|levelname)["']?\s*[=:]\s*["']?(\w+)/i;
const LOUD = /\b(FATAL|CRITICAL|PANIC|EMERG|ALERT|ERROR|ERR|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)\b/;
const BRACKETED = /[[<(](fatal|crit(?:ical)?|panic|emerg|alert|error|err|warn(?:ing)?|notice|info|debug|trace)[\])>]/i;
const FIRST = /^\s*(fatal|panic|error|warning|warn)\b(?=[: ])/i;
const THROWN = /^(?:Caused by: |Exception in thread "[^"]*" )?[\w.$]+(?:Error|Exception)\b/;
const KLOG = /^([FEWI])\d{4} \d\d:\d\d/;
const NUMBERS = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "error" };
const KLOG_LEVELS = { F: "error", E: "error", W: "warn", I: "info" };

/** "error", "warn", "info", "debug", "trace", another word that the line gives, or "". */
export function levelOf(line) {
  const text = plain(line.text.slice(0, 400));
  const klog = KLOG.exec(text);
  if (klog) return KLOG_LEVELS[klog[1]];
  if (THROWN.test(text)) return "error";
  const found = NAMED.exec(text) ?? LOUD.exec(text) ?? BRACKETED.exec(text) ?? FIRST.exec(text);
  return named((found?.[1] ?? "").toLowerCase());
}

function named(word) {
  if (/^(fatal|crit|panic|emerg|alert|err)/.test(word)) return "error";
  if (word.startsWith("warn")) return "warn";
  return NUMBERS[word] ?? word;
}
