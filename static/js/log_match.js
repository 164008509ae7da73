// Texts against patterns. Used here and in the worker, where an expression that never ends can be
// stopped.

const MOST_MARKS = 200; // in one line

export const compiled = (patterns) =>
  patterns.map(({ source, flags, negative }) => ({ regex: new RegExp(source, flags), negative }));

/** `[from, to, from, to, …]` of what to mark where all patterns hold, or null where one does not. */
export function match(patterns, text) {
  const ranges = [];
  for (const { regex, negative } of patterns) {
    regex.lastIndex = 0;
    if (negative) {
      if (regex.test(text)) return null;
    } else if (!collect(regex, text, ranges)) return null;
  }
  return ranges.length > 1 ? flat(ranges) : (ranges[0] ?? []);
}

function collect(regex, text, ranges) {
  let found = false;
  for (const one of text.matchAll(regex)) {
    found = true;
    if (one[0]) ranges.push([one.index, one.index + one[0].length]);
    if (ranges.length >= MOST_MARKS) break;
  }
  return found;
}

function flat(ranges) {
  ranges.sort((a, b) => a[0] - b[0]);
  const out = [];
  for (const [from, to] of ranges) {
    if (out.length && from <= out.at(-1)) out[out.length - 1] = Math.max(out.at(-1), to);
    else out.push(from, to);
  }
  return out;
}
