// A line that is one JSON object, unfolded: a list of its keys, in text nodes.

import { plain } from "./ansi.js";

const MOST_KEYS = 200;
const DEEPEST = 6;
const LONGEST = 262_144;

/** The object that a line is, or null. Numbers keep their digits, as text, where the browser can. */
export function objectOf(line) {
  if (!looksLike(line)) return null;
  try {
    return JSON.parse(plain(line.text), (key, value, context) =>
      typeof value === "number" && context?.source ? context.source : value);
  } catch {
    return null;
  }
}

/** Cheap: whether it is worth trying. */
export function looksLike(line) {
  const { text } = line;
  return text.length > 6 && text.length <= LONGEST && /^\s*\{\s*"/.test(text.slice(0, 40)) && /\}\s*$/.test(text.slice(-20));
}

/** `<dl>` of an object: nested keys are written with dots. */
export function details(object) {
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
