// The find box: count, next and previous, what it hides, and the marks at the scrollbar. Loaded when
// somebody goes to it; what was done until then is heard afterwards.

import { Finder } from "./log_finder.js";
import { at, press, pressed, root, say } from "./log_page.js";
import { parse } from "./log_query.js";
import { ScrollMarks } from "./log_scroll_marks.js";
import { language } from "./strings.js";

const number = (n) => n.toLocaleString(language);

export class Find {
  // `page`: {store, view, look, marking, leave()}; see logs.js.
  constructor(page) {
    this.page = page;
    this.query = parse("");
    this.current = null;
    this.filtering = false;
    this.finder = new Finder(page.store, root.dataset.worker, page.look.names, {
      found: (items) => this.found(items),
      done: () => this.told(),
      slow: () => this.told(),
    });
    this.scrollMarks = new ScrollMarks(at("scroll-marks"), page.view);
  }

  hear({ type, target, key, shiftKey }) {
    if (target === at("find")) {
      if (type === "input") this.typed();
      if (type === "keydown") this.key(key, shiftKey);
    }
    if (type !== "click") return;
    const { chip, part } = target.closest("button")?.dataset ?? {};
    if (chip) this.chip(chip);
    else if (part === "next") this.step(1);
    else if (part === "previous") this.step(-1);
    else if (part === "case" || part === "filter") {
      press(at(part), !pressed(part));
      this.search();
    }
  }

  typed() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.search(), 150);
  }

  key(key, shift) {
    if (key === "Enter") {
      this.search();
      this.step(shift ? -1 : 1);
    } else if (key === "Escape") {
      at("find").value = "";
      this.search();
      at("box").focus();
    }
  }

  // A chip is only text in the box.
  chip(text) {
    const rest = at("find").value.trim().split(/\s+/).filter((word) => word && word !== text);
    const had = this.query.chips.some((chip) => chip.text === text);
    at("find").value = (had ? rest : [...rest, text]).join(" ");
    if (!had) press(at("filter"), true);
    this.search();
  }

  search() {
    const query = parse(at("find").value, pressed("case"));
    const filtering = pressed("filter") && query.text !== "" && !query.error;
    const same = query.text === this.query.text && this.exact === pressed("case");
    if (same && filtering === this.filtering) return;
    const refill = filtering || this.filtering;
    Object.assign(this, { query, filtering, current: null, exact: pressed("case") });
    for (const chip of root.querySelectorAll("[data-chip]")) press(chip, query.chips.some((one) => one.text === chip.dataset.chip));
    this.restart(refill);
  }

  /** Look at everything again; with `refill` the view is filled again too. */
  restart(refill = this.filtering) {
    const { view, store } = this.page;
    const place = refill && !view.stick ? (this.page.marking.to ?? view.firstRow()?.line) : null;
    this.finder.reset();
    if (refill) view.clear();
    if (refill && !this.filtering) view.append(store.items);
    if (place && !this.filtering) view.reveal(place);
    this.finder.set(this.query);
    if (!refill) view.redraw();
    this.told();
  }

  found(items) {
    const { view } = this.page;
    if (this.filtering) view.append(items);
    else {
      const dirty = new Set(items.map((item) => view.chunkOf(item)));
      view.redraw((chunk) => dirty.has(chunk) && chunk.items.some((item) => this.finder.hits.has(item)));
    }
    this.told();
  }

  told() {
    const { query, finder, current } = this;
    at("hits").textContent = this.words(query, finder, current);
    const problem = query.error ? say("no_expression", { why: query.error }) : finder.tooSlow ? say("too_slow") : "";
    if (at("problem").textContent !== problem) at("problem").textContent = problem;
    this.scrollMarks.draw(this.filtering || !finder.query ? [] : finder.lines);
  }

  words(query, finder, current) {
    if (!query.text || query.error) return "";
    const n = number(finder.lines.length) + (finder.tooSlow ? "+" : finder.running ? "…" : "");
    const place = current ? finder.lines.indexOf(current) : -1;
    return place < 0 ? say(finder.lines.length === 1 ? "match" : "matches", { n }) : say("match_of", { at: number(place + 1), n });
  }

  step(by) {
    const { lines } = this.finder;
    if (!lines.length) return;
    const place = lines.indexOf(this.current);
    const next = place < 0 ? this.nearest(by) : (place + by + lines.length) % lines.length;
    this.current = lines[next];
    this.page.leave();
    this.page.view.reveal(this.current);
    this.page.marking.mark(this.current);
    this.told();
  }

  // From where one reads: the first match in view or below it; backwards the last one above.
  nearest(by) {
    const { lines } = this.finder;
    const top = this.page.view.firstRow()?.line?.n ?? 0;
    const below = lines.findIndex((line) => line.n >= top);
    if (by > 0) return Math.max(0, below);
    return (below < 0 ? lines.length : below || lines.length) - 1;
  }

  shows(line) {
    return !this.filtering || this.finder.hits.has(line);
  }

  marks(line) {
    return this.finder.marks(line);
  }

  feed() {
    this.finder.feed();
  }

  /** The store has let go of so many items. */
  dropped(count) {
    this.finder.dropped(count);
  }

  get patterns() {
    return this.query.patterns;
  }
}
