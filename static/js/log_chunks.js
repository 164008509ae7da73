// Where a line stands among chunks: both are in the order of the store's numbers.

export const PER_CHUNK = 250;
export const ROW_HEIGHT = 24;

export class Chunk {
  constructor(items) {
    this.items = items;
    this.shown = false;
    this.element = document.createElement("div");
    this.element.className = "log-chunk";
    this.element.chunk = this;
  }

  get full() {
    return this.items.length >= PER_CHUNK;
  }

  estimate() {
    this.element.style.height = `${this.items.length * ROW_HEIGHT}px`;
  }

  rowOf(line) {
    return this.shown ? [...this.element.children].find((row) => row.line === line) : undefined;
  }
}

/** The chunk that holds a number, or null. */
export function chunkOf(chunks, n) {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (chunks[middle].items[0].n <= n) low = middle;
    else high = middle - 1;
  }
  return chunks[low] ?? null;
}

/**
 * Whether the person has something of a chunk in hand: a selection, or the focus. Asked for once,
 * before anything changes, for the browser lays the page out before it tells of a selection.
 */
export function holder() {
  const selection = document.getSelection();
  const selects = Boolean(selection && !selection.isCollapsed);
  const focus = document.activeElement;
  return ({ element }) => element.contains(focus) || (selects && selection.containsNode(element, true));
}

export function chunked(items) {
  const chunks = [];
  for (let from = 0; from < items.length; from += PER_CHUNK) chunks.push(new Chunk(items.slice(from, from + PER_CHUNK)));
  return chunks;
}
