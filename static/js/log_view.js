// 100,000 lines in a scrolling box: chunks keep their lines as values and have rows in the DOM
// only near the view. What the person reads stays where it is while chunks above it change.

import { chunked, chunkOf, holder, PER_CHUNK } from "./log_chunks.js";
import { rowOf } from "./log_row.js";

const ALL_IN_DOM = 5000; // up to here the browser's own find must reach every line

export class LogView {
  // `look`: see log_row.js.
  constructor(box, list, look) {
    this.box = box; // what scrolls
    this.list = list; // what holds the chunks
    this.look = look;
    this.chunks = [];
    this.count = 0;
    this.stick = true; // at the bottom, and to stay there
    this.lastTop = 0;
    this.near = new Set();
    this.observer = new IntersectionObserver((entries) => this.seen(entries), { root: box, rootMargin: "1200px 0px" });
  }

  clear() {
    this.observer.disconnect();
    this.near.clear();
    this.list.replaceChildren();
    this.chunks = [];
    this.count = 0;
    this.lastTop = 0;
  }

  // -- items come and go --------------------------------------------------------------------

  append(items) {
    this.counted(items.length);
    const last = this.chunks.at(-1);
    const room = last && !last.full ? items.slice(0, PER_CHUNK - last.items.length) : [];
    if (room.length) this.extend(last, room);
    for (const chunk of chunked(items.slice(room.length))) this.place(chunk);
    if (this.stick) this.showEnd();
  }

  prepend(items) {
    this.keep(() => {
      this.counted(items.length);
      for (const chunk of chunked(items).reverse()) this.place(chunk, true);
      this.redraw(); // the numbers may have moved
    });
  }

  extend(chunk, items) {
    chunk.items.push(...items);
    if (chunk.shown) chunk.element.append(...items.map((item) => rowOf(item, this.look)));
    else chunk.estimate();
  }

  place(chunk, first = false) {
    if (first) this.chunks.unshift(chunk);
    else this.chunks.push(chunk);
    if (this.count <= ALL_IN_DOM) this.show(chunk);
    else chunk.estimate();
    this.list[first ? "prepend" : "append"](chunk.element);
    this.observer.observe(chunk.element);
  }

  counted(more) {
    const before = this.count;
    this.count += more;
    if (before > ALL_IN_DOM || this.count <= ALL_IN_DOM) return;
    const held = holder();
    const far = this.chunks.filter((chunk) => !this.near.has(chunk) && !held(chunk));
    const heights = far.map((chunk) => chunk.element.offsetHeight); // all read before one changes
    far.forEach((chunk, at) => this.hide(chunk, heights[at]));
  }

  /** Drop what has a number below `n`, but nothing that the person holds. */
  dropBefore(n) {
    if (!this.chunks.length || this.chunks[0].items.at(-1).n >= n) return;
    const held = holder();
    const gone = this.chunks.filter((chunk) => chunk.items.at(-1).n < n && !held(chunk));
    if (!gone.length) return;
    this.keep(() => {
      for (const chunk of gone) {
        this.observer.unobserve(chunk.element);
        this.near.delete(chunk);
        chunk.element.remove();
        this.count -= chunk.items.length;
      }
      this.chunks = this.chunks.filter((chunk) => chunk.element.isConnected);
    });
  }

  // -- near the view ------------------------------------------------------------------------

  seen(entries) {
    const held = holder();
    this.keep(() => {
      for (const { target, isIntersecting, boundingClientRect } of entries) {
        if (!target.isConnected) continue;
        if (isIntersecting) {
          this.near.add(target.chunk);
          this.show(target.chunk);
        } else {
          this.near.delete(target.chunk);
          if (this.count > ALL_IN_DOM && !held(target.chunk)) this.hide(target.chunk, boundingClientRect.height);
        }
      }
    });
  }

  show(chunk) {
    if (chunk.shown) return;
    chunk.shown = true;
    this.draw(chunk);
    chunk.element.style.height = "";
  }

  hide(chunk, height) {
    if (!chunk.shown || !chunk.full) return;
    chunk.element.style.height = `${height}px`;
    chunk.element.replaceChildren();
    chunk.shown = false;
  }

  // So many chunks at the end as one sees at once: the observer would show them a frame later.
  showEnd() {
    let left = this.box.clientHeight;
    for (let at = this.chunks.length - 1; at >= 0 && left > 0; at--) {
      this.show(this.chunks[at]);
      left -= this.chunks[at].items.length * 20;
    }
    this.toBottom();
  }

  draw(chunk) {
    chunk.element.replaceChildren(...chunk.items.map((item) => rowOf(item, this.look)));
  }

  redraw(wanted = () => true) {
    for (const chunk of this.chunks) if (chunk.shown && wanted(chunk)) this.draw(chunk);
  }

  redrawLine(line) {
    const old = this.rowOf(line);
    if (!old) return;
    const row = rowOf(line, this.look);
    const focused = old.contains(document.activeElement);
    old.replaceWith(row);
    if (focused) row.focus({ preventScroll: true });
  }

  /** Draw again the rows whose line is wanted; the others, and what is selected in them, stay. */
  redrawRows(wanted) {
    for (const chunk of this.chunks) {
      if (chunk.shown) for (const item of chunk.items) if (wanted(item)) this.redrawLine(item);
    }
  }

  chunkOf(line) {
    return this.chunks.length ? chunkOf(this.chunks, line.n) : null;
  }

  rowOf(line) {
    return this.chunkOf(line)?.rowOf(line);
  }

  /** Heights were guessed for another width or wrap: guess again, and keep the place. */
  refit() {
    this.keep(() => {
      for (const chunk of this.chunks) if (!chunk.shown) chunk.estimate();
    });
  }

  // -- where the person reads ---------------------------------------------------------------

  keep(change) {
    if (this.stick) {
      change();
      return this.toBottom();
    }
    const anchor = this.firstRow();
    const before = anchor?.getBoundingClientRect().top;
    const { line } = anchor ?? {};
    change();
    const row = anchor?.isConnected ? anchor : line && this.rowOf(line);
    if (row) this.box.scrollTop += row.getBoundingClientRect().top - before;
    this.lastTop = this.box.scrollTop;
  }

  /** The first row in view that is drawn. */
  firstRow() {
    const top = this.box.getBoundingClientRect().top;
    for (const chunk of [...this.near].filter((one) => one.shown).sort((a, b) => a.items[0].n - b.items[0].n)) {
      if (chunk.element.getBoundingClientRect().bottom <= top) continue;
      const rows = [...chunk.element.children];
      let [low, high] = [0, rows.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (rows[middle].getBoundingClientRect().bottom > top) high = middle;
        else low = middle + 1;
      }
      if (rows[low]) return rows[low];
    }
    return null;
  }

  /** Bring a line into view; null where it is not shown here. */
  reveal(line, block = "center") {
    const chunk = this.chunkOf(line);
    if (!chunk?.items.includes(line)) return null;
    this.show(chunk);
    const row = chunk.rowOf(line);
    row.scrollIntoView({ block });
    row.scrollIntoView({ block }); // what came into view may have grown
    this.lastTop = this.box.scrollTop;
    return row;
  }

  /** The line `by` steps from another, among what is shown and not folded away. */
  neighbour(line, by) {
    let at = this.chunks.indexOf(this.chunkOf(line));
    if (at < 0) return null;
    let place = this.chunks[at].items.indexOf(line) + by;
    for (; at >= 0 && at < this.chunks.length; at += by) {
      const { items } = this.chunks[at];
      for (; place >= 0 && place < items.length; place += by) {
        if (items[place].text !== undefined && items[place].stream && !items[place].head?.folded) return items[place];
      }
      place = by > 0 ? 0 : (this.chunks[at + by]?.items.length ?? 0) - 1;
    }
    return null;
  }

  get atBottom() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40;
  }

  toBottom() {
    this.box.scrollTop = this.box.scrollHeight;
    this.lastTop = this.box.scrollTop;
  }

  /** After a scroll event: did the person leave the bottom, or come to it? null: neither. */
  moved() {
    const by = this.box.scrollTop - this.lastTop;
    this.lastTop = this.box.scrollTop;
    if (this.stick) return by < -1 && !this.atBottom ? false : null;
    return by > 0 && this.atBottom ? true : null;
  }
}
