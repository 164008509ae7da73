// Marked lines: the gutter, links to a line or a range, copies, and the keys that walk the lines.

import { linkOf, placesOf } from "./log_places.js";
import { plain } from "./ansi.js";
import { at, say } from "./log_page.js";
import { looksLikeJson } from "./log_row.js";
import { text } from "./strings.js";
import { toast } from "./toasts.js";

export class Marking {
  // `page`: {store, view, look, leave(), reopen(goal)}; see logs.js.
  constructor(page) {
    this.page = page;
    this.from = this.to = null;
    this.goal = placesOf(location.hash);
    at("box").addEventListener("click", (event) => this.clicked(event));
    at("box").addEventListener("mousedown", (event) => {
      if (event.shiftKey && event.target.closest(".ln, time")) event.preventDefault(); // no selection
    });
    at("copy-lines").addEventListener("click", () => copy(this.text()));
    at("copy-link").addEventListener("click", () => copy(location.href));
    at("unmark").addEventListener("click", () => this.mark(null));
    addEventListener("hashchange", () => this.goTo(placesOf(location.hash)));
  }

  has(line) {
    if (!this.from) return false;
    const [low, high] = this.span();
    return line.n >= low && line.n <= high;
  }

  span() {
    return [Math.min(this.from.n, this.to.n), Math.max(this.from.n, this.to.n)];
  }

  mark(from, to = from) {
    const { view, look } = this.page;
    const old = this.from && this.span();
    [this.from, this.to] = [from, to];
    look.current = to;
    const spans = [old, from && this.span()].filter(Boolean);
    view.redrawRows((line) => spans.some(([low, high]) => line.n >= low && line.n <= high));
    at("marked").hidden = !from;
    if (!from) return history.replaceState(null, "", location.pathname + location.search);
    this.renumbered();
    history.replaceState(null, "", this.link());
  }

  /** Nothing is marked any more, without a word in the address: it names what is opened now. */
  forget() {
    this.from = this.to = this.page.look.current = null;
    at("marked").hidden = true;
  }

  /** The numbers have moved. */
  renumbered() {
    if (!this.from) return;
    const [low, high] = this.span();
    at("marked-text").textContent = low === high ? say("marked_line", { n: low }) : say("marked_lines", { from: low, to: high });
  }

  linkTo(line) {
    return linkOf(line, line, this.page.several);
  }

  link() {
    const [first, last] = this.from.n <= this.to.n ? [this.from, this.to] : [this.to, this.from];
    return linkOf(first, last, this.page.several);
  }

  text() {
    if (!this.from) return "";
    const lines = this.page.store.items.filter((item) => item.stream && this.has(item) && this.page.shows(item));
    return lines.map((line) => plain(line.text)).join("\n");
  }

  // -- the pointer --------------------------------------------------------------------------

  clicked(event) {
    const { follow } = event.target.dataset;
    if (follow && this.page.socket.tell({ follow })) return event.preventDefault();
    const row = event.target.closest(".l");
    if (!row?.line || event.ctrlKey || event.metaKey) return;
    if (event.target.closest(".ln, time")) {
      event.preventDefault();
      if (event.shiftKey && this.from) this.mark(this.from, row.line);
      else this.mark(row.line);
      this.page.view.rowOf(row.line)?.focus({ preventScroll: true });
      return;
    }
    const button = event.target.closest("[data-unfold]");
    if (button) return this.unfold(row.line, button.dataset.unfold);
    const reading = !document.getSelection().isCollapsed || event.target.closest("a, .js");
    if (event.target.closest(".m") && !reading) this.unfold(row.line, "json");
  }

  /** `what`: json, trace, whole; without it whatever the line has. */
  async unfold(line, what = "") {
    const { view } = this.page;
    if (what === "whole") line.whole = true;
    else if (looksLikeJson(line)) line.open = line.open ? null : (await import("./log_json.js")).detailsOf(line);
    else if (line.tail && what !== "json") line.folded = !line.folded;
    else return;
    this.page.leave();
    if (line.tail) view.redraw((chunk) => chunk.items.at(-1).n >= line.n && chunk.items[0].n <= line.n + 2 * line.tail);
    else view.redrawLine(line);
  }

  // -- the keys -----------------------------------------------------------------------------

  step(by, extend = false) {
    const { view } = this.page;
    const near = this.to && view.rowOf(this.to) ? view.neighbour(this.to, by) : view.firstRow()?.line;
    if (!near) return;
    this.page.leave();
    view.reveal(near, "nearest");
    this.mark(extend && this.from ? this.from : near, near);
    view.rowOf(near)?.focus({ preventScroll: true });
  }

  // -- a link that was opened ---------------------------------------------------------------

  /** What the link names where it is no line. */
  get moment() {
    return this.goal[0]?.ordinal === undefined ? this.goal[0] : null;
  }

  /** The last line before the moment, if there is one. */
  reached(line) {
    this.goal = [];
    if (!line) return;
    this.mark(line);
    this.page.view.reveal(line);
  }

  goTo(places) {
    if (!places.length) return;
    this.goal = places;
    if (!this.seek()) this.page.reopen();
  }

  /** Mark what the link names, if it is held. True when it was. */
  seek() {
    const found = this.goal.map((place) => this.page.store.find(place.source, place.high, place.low, place.ordinal));
    if (!found[0] || !found.every(Boolean)) return false;
    this.goal = [];
    this.page.leave();
    this.mark(found[0], found.at(-1));
    this.page.view.reveal(found[0]);
    return true;
  }

  /** The log has gone past the place of the link without it. */
  missed(lines) {
    const last = lines.at(-1);
    const { ns } = this.goal.at(-1);
    if (!last || (BigInt(last.high) << 32n | BigInt(last.low)) <= ns) return false;
    this.goal = [];
    toast("warn", say("line_gone"));
    return true;
  }
}

export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    toast("ok", text("copied"));
  } catch {
    toast("warn", text("copy_failed"));
  }
}
