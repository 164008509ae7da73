// A line's place as a link has it: `<nanoseconds>.<ordinal>`, among several containers
// `<container>:<nanoseconds>.<ordinal>`; two of them with a minus between are a range. Nanoseconds
// alone are a moment: between the lines before and after it.

import { cursorOf } from "./log_line.js";

const PLACE = /^(?:(\d{1,2}):)?(\d{1,19})(?:\.(\d{1,9}))?$/;

export const placeOf = (line, several) => (several ? `${line.source}:${cursorOf(line)}` : cursorOf(line));

export function linkOf(from, to, several) {
  const [first, last] = [placeOf(from, several), placeOf(to, several)];
  return first === last ? `#${first}` : `#${first}-${last}`;
}

/** `[{source, ns, high, low, ordinal}, …]` of a link's fragment; empty where it is none. A moment
    has no ordinal. */
export function placesOf(hash) {
  const found = hash.replace(/^#/, "").split("-").map(place);
  const whole = found.length === 1 || found.every((one) => one?.ordinal !== undefined);
  return found.length <= 2 && whole && found.every(Boolean) ? found : [];
}

function place(text) {
  const match = PLACE.exec(text);
  if (!match) return null;
  const ns = BigInt(match[2]);
  return { source: Number(match[1] ?? 0), ns, high: Number(ns >> 32n), low: Number(ns & 0xffffffffn), ordinal: match[3] && Number(match[3]) };
}
