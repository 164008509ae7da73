// An asciicast v2 as events in time, and its output as text to search. No DOM.

const TEXT_MOST = 1000;
// What a terminal does and does not show: sequences, and control characters but for line ends.
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])|[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f]/g;
const BEGUN = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$/;

/** The events of an asciicast. Lines that are none are left out: the last may be half a line. */
export function parse(text) {
  const lines = text.split("\n");
  const head = JSON.parse(lines[0]);
  const events = [];
  for (let n = 1; n < lines.length; n++) {
    const event = eventOf(lines[n]);
    if (event) events.push(event);
  }
  return { cols: cells(head.width, 80), rows: cells(head.height, 24), events, length: events.at(-1)?.at ?? 0 };
}

function eventOf(line) {
  if (!line) return null;
  try {
    const [at, kind, data] = JSON.parse(line);
    if (kind === "o") return { at, data };
    const size = kind === "r" && /^(\d+)x(\d+)$/.exec(data);
    return size ? { at, size: [cells(size[1], 80), cells(size[2], 24)] } : null;
  } catch {
    return null;
  }
}

const cells = (value, usual) => Math.max(1, Math.min(1000, Number(value) || usual));

/** Finds words in what was shown, also across events; ``starts`` is where each one's text begins. */
export class Transcript {
  constructor(events) {
    this.events = events;
    this.starts = [];
    const parts = [];
    let length = 0, rest = "";
    for (const { data = "" } of events) {
      this.starts.push(length);
      const joined = rest + data;
      rest = BEGUN.exec(joined)?.[0] ?? "";
      const shown = joined.slice(0, joined.length - rest.length).replace(SEQUENCES, "");
      parts.push(shown);
      length += shown.length;
    }
    this.text = parts.join("");
    this.lower = this.text.toLowerCase();
    if (this.lower.length !== this.text.length) this.lower = this.text; // "İ" grows
  }

  /** Up to 1,000 ``{at, line, text}``: when its end was shown, and the line around it. */
  find(words) {
    const wanted = words.toLowerCase(), hits = [];
    if (!wanted) return hits;
    for (let at = 0; hits.length < TEXT_MOST; at += wanted.length) {
      at = this.lower.indexOf(wanted, at);
      if (at < 0) break;
      hits.push({ at: this.timeOf(at + wanted.length - 1), line: this.lineAt(at) });
    }
    return hits;
  }

  timeOf(place) {
    let low = 0, high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return this.events[low].at;
  }

  lineAt(place) {
    const begin = Math.max(this.text.lastIndexOf("\n", place) + 1, place - 60);
    const end = this.text.indexOf("\n", place);
    return this.text.slice(begin, Math.min(end < 0 ? Infinity : end, begin + 160)).trim();
  }
}

/** ``3:07``, ``1:02:03``. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, left] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(left)}` : `${minutes}:${two(left)}`;
}
