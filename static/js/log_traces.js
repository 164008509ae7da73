// Stack traces: which lines continue the one before. Python, Java, JavaScript, Ruby, .NET, Go.

const FRAME = /^\s+(?:at\s+\S|File "|from\s+\S+:\d+|\.{3} \d+ (?:more|common))|^\t\S+:\d+/;
const CAUSE = /^(?:Caused by:|Suppressed:|\s+Suppressed:|\s*--- End of )/;
const PYTHON = /^\s*Traceback \(most recent call last\):/;
const GO = /^goroutine \d+ \[/;
const MOST = 500; // lines; what is longer is no trace that anybody reads

export class Traces {
  constructor() {
    this.open = new Map(); // container and stream → {head, previous, mode}
  }

  // Sets `head` and `tail`; returns a line that became a head after it had been given before.
  take(line) {
    const key = line.source * 4 + line.stream;
    const state = this.open.get(key) ?? { head: null, previous: null, mode: "" };
    this.open.set(key, state);
    const text = line.text.length > 2000 ? line.text.slice(0, 2000) : line.text;
    const began = this.follow(state, line, text);
    state.previous = line;
    return began;
  }

  follow(state, line, text) {
    if (PYTHON.test(text)) return this.begin(state, line, "python");
    if (GO.test(text)) return this.begin(state, line, "go");
    if (state.head && state.head.tail < MOST && this.continues(state, text)) return this.join(state, line);
    const before = state.previous;
    state.head = null;
    if (!before || !FRAME.test(text) || before.head) return null;
    this.begin(state, before, "frames");
    this.join(state, line);
    return before;
  }

  begin(state, line, mode) {
    state.head = line;
    state.mode = mode;
    return null;
  }

  join(state, line) {
    line.head = state.head;
    state.head.tail += 1;
    if (state.mode === "python" && !/^\s/.test(line.text)) state.head = null; // the error's own line
    return null;
  }

  continues(state, text) {
    if (state.mode === "python") return /^\s+\S|^[\w.]+(?::|$)/.test(text);
    if (state.mode === "go") return text.trim() !== "";
    return FRAME.test(text) || CAUSE.test(text);
  }
}
