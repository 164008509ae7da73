// A line that is one JSON object, unfolded: a list of its keys, in text nodes. Loaded when asked for.

import { plain } from "./ansi.js";

const MOST_KEYS = 200;
const DEEPEST = 6;
const LONGEST = 262_144;

/** The list of a line's keys, or null where it is no object. */
export function detailsOf(line) {
  const object = line.text.length <= LONGEST ? objectOf(line) : null;
  return object && details(object);
}

// Numbers keep their digits, as text, where the browser can.
function objectOf(line) {
  try {
    return JSON.parse(plain(line.text), (key, value, context) =>
      typeof value === "number" && context?.source ? context.source : value);
  } catch {
    return null;
  }
}

// `<dl>` of an object: nested keys are written with dots.
function details(object) {
  const list = document.createElement("dl");
  list.className = "js";
  for (const [key, value] of rows(object, "", 0)) {
    if (list.childElementCount >= 2 * MOST_KEYS) {
      list.append(named("dt", "…"));
      break;
    }
    list.append(named("dt", key), named("dd", value));
  }
  return list;
}

function* rows(value, path, depth) {
  const entries = value && typeof value === "object" ? Object.entries(value) : [];
  if (!entries.length || depth >= DEEPEST) {
    yield [path || "·", value && typeof value === "object" ? JSON.stringify(value) : String(value)];
    return;
  }
  for (const [key, inner] of entries) {
    const name = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    yield* rows(inner, name, depth + 1);
  }
}

function named(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
