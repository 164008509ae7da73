// "Load earlier": the lines just before the oldest that are held. Loaded when asked for.

import { cursorOf } from "./log_line.js";
import { linesOf } from "./log_wire.js";

const LINES = 2000;

/**
 * Up to so many lines of each container from before what `page` holds: `{lines, begins}`, in order;
 * `begins`: there are none before these. Raises where a container does not answer. `moment`: from
 * before that, instead.
 */
export async function earlier({ store, containers }, most = LINES, moment = null) {
  const parts = await Promise.all(containers.map((one, place) => part(store, one, place, most, moment)));
  const lines = joined(parts);
  return { lines, begins: parts.every((one) => one.begins) };
}

async function part(store, container, place, lines, moment) {
  const oldest = store.firstOf(place);
  const before = !moment && oldest ? cursorOf(oldest) : `${moment?.ns ?? cursorOf(store.first).split(".")[0]}.0`;
  const asked = new URLSearchParams({ before, lines, held: store.count });
  const answer = await fetch(`${container.earlier}?${asked}`);
  if (!answer.ok) throw new Error(await answer.text());
  const data = await answer.arrayBuffer();
  const found = data.byteLength ? linesOf(data, new Uint8Array(data)) : [];
  for (const line of found) line.source = place;
  return { lines: found, begins: answer.headers.get("Log-Begins") === "1" };
}

const later = (a, b) => a.high - b.high || a.low - b.low || a.source - b.source || a.ordinal - b.ordinal;

// Containers reach back to different times. Before the latest of those beginnings a part may lack
// lines of another: what stands before it is left for the next time.
function joined(parts) {
  if (parts.length === 1) return parts[0].lines;
  const begins = parts.filter((part) => !part.begins && part.lines.length).map((part) => part.lines[0]);
  const from = begins.length ? begins.reduce((a, b) => (later(a, b) > 0 ? a : b)) : null;
  for (const part of parts) {
    const kept = from ? part.lines.filter((line) => line.high > from.high || (line.high === from.high && line.low >= from.low)) : part.lines;
    part.begins &&= kept.length === part.lines.length;
    part.lines = kept;
  }
  return parts.flatMap((part) => part.lines).sort(later);
}
