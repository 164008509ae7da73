// The message of a line as nodes: colours, links, keys and marks over one plain text.
// Everything that a container wrote becomes a text node, never markup.

import { pieces } from "./ansi.js";

const LINK = /\bhttps?:\/\/[^\s"'<>`|\\^{}]+/gi;
const KEY = /(?:^|[\s,])([A-Za-z_][\w.@/-]{0,60})=(?=\S)/g;
const TRAILING = ".,;:!?)]";
const DECORATED = 4000; // characters; beyond that a line is data, not something to read

/** Nodes of `text`, cut where a colour, a link, a key or a mark begins or ends. `marks`: [from, to, …]. */
export function body(text, marks = []) {
  const layers = colours(text);
  const shown = layers.text;
  const links = shown.length <= DECORATED && shown.includes("://") ? found(shown, LINK, tidy) : [];
  const keys = shown.length <= DECORATED && shown.includes("=") ? keysOf(shown) : [];
  if (!layers.ranges.length && !links.length && !keys.length && !marks.length) return document.createTextNode(shown);
  return assemble(shown, [layers.ranges, links, keys, pairs(marks)]);
}

function colours(text) {
  let all = "";
  const ranges = [];
  for (const piece of pieces(text)) {
    if (piece.className) ranges.push([all.length, all.length + piece.text.length, piece.className]);
    all += piece.text;
  }
  return { text: all, ranges };
}

function found(text, pattern, shape) {
  const ranges = [];
  for (const match of text.matchAll(pattern)) {
    const range = shape(match);
    if (range) ranges.push(range);
  }
  return ranges;
}

function tidy(match) {
  let address = match[0];
  while (TRAILING.includes(address.at(-1))) address = address.slice(0, -1);
  try {
    return [match.index, match.index + address.length, new URL(address).href];
  } catch {
    return null;
  }
}

// One key alone is more often a formula than logfmt.
function keysOf(text) {
  const keys = found(text, KEY, (match) => {
    const from = match.index + match[0].length - match[1].length - 1;
    return [from, from + match[1].length, "k"];
  });
  return keys.length > 1 ? keys : [];
}

function pairs(flat) {
  const ranges = [];
  for (let i = 0; i + 1 < flat.length; i += 2) if (flat[i] < flat[i + 1]) ranges.push([flat[i], flat[i + 1], true]);
  return ranges;
}

function assemble(text, layers) {
  const cuts = [...new Set([0, text.length, ...layers.flat().flatMap(([from, to]) => [from, to])])].sort((a, b) => a - b);
  const at = layers.map(() => 0);
  const out = document.createDocumentFragment();
  let link = null;
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [colour, url, key, mark] = layers.map((ranges, layer) => valueAt(ranges, at, layer, cuts[i]));
    if (url && link?.href !== url) out.append((link = anchor(url)));
    if (!url) link = null;
    (link ?? out).append(segment(text.slice(cuts[i], cuts[i + 1]), [colour, key].filter(Boolean).join(" "), mark));
  }
  return out;
}

// Ranges of a layer stand in order and do not overlap: a finger on each layer is enough.
function valueAt(ranges, at, layer, place) {
  while (at[layer] < ranges.length && ranges[at[layer]][1] <= place) at[layer] += 1;
  const range = ranges[at[layer]];
  return range && range[0] <= place ? range[2] : null;
}

function segment(text, className, mark) {
  let node = document.createTextNode(text);
  if (mark) node = wrapped("mark", node);
  if (className) {
    node = wrapped("span", node);
    node.className = className;
  }
  return node;
}

function wrapped(tag, node) {
  const element = document.createElement(tag);
  element.append(node);
  return element;
}

function anchor(url) {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noopener noreferrer";
  link.target = "_blank";
  link.tabIndex = -1;
  return link;
}
