// Log messages as the socket carries them (docs/protocols.md, Logs): bytes → lines. Pure.

import { Line } from "./log_line.js";

export const LINES = 0;
export const NEWS = 1;
export const FOUND = 2;
export const MANY = 3;
export const MATCH = 1; // marks of a found line
export const APART = 2;
export const SLOW = 4;

const DECODER = new TextDecoder();
const HEADER = 15;

export const newsOf = (bytes) => JSON.parse(DECODER.decode(bytes.subarray(1)));

/** Lines of one container (`LINES`) or of several (`MANY`). */
export function linesOf(data, bytes) {
  const lines = [];
  const many = bytes[0] === MANY;
  read(data, bytes, 1, many ? 1 : 0, (line, at) => {
    if (many) line.source = bytes[at];
    lines.push(line);
  });
  return lines;
}

/** `{id, found: [{line, marks}]}` of a search. */
export function foundOf(data, bytes) {
  const found = [];
  read(data, bytes, 5, 2, (line, at) => {
    line.source = bytes[at + 1];
    found.push({ line, marks: bytes[at] });
  });
  return { id: new DataView(data).getUint32(1), found };
}

function read(data, bytes, from, before, take) {
  const view = new DataView(data);
  for (let at = from; at + before + HEADER <= bytes.length; ) {
    const head = at + before;
    const start = head + HEADER;
    const end = start + view.getUint32(head + 11);
    const text = DECODER.decode(bytes.subarray(start, end));
    take(new Line(bytes[head], view.getUint32(head + 1), view.getUint32(head + 5), view.getUint16(head + 9), text), at);
    at = end;
  }
}
