// "Search the whole log": the server reads what it has stored and sends matches with ±3 lines. Loaded
// when asked for.

import { compiled, match } from "./log_match.js";
import { at, press, pressed, say, toggle } from "./log_page.js";
import { placeOf } from "./log_places.js";
import { escaped } from "./log_query.js";
import { rowOf } from "./log_row.js";
import { APART, MATCH, SLOW } from "./log_wire.js";
import { plain } from "./ansi.js";
import { language } from "./strings.js";

const CONTEXT = 3;
const MOST = 1000;

export class Search {
  // `page`: {socket, look, marking, range, store}; see logs.js.
  constructor(page) {
    this.page = page;
    this.id = 0;
    this.going = false;
    this.listen();
  }

  listen() {
    const { socket } = this.page;
    at("search-close").addEventListener("click", () => this.close());
    at("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.going) this.cancel();
      else this.start();
    });
    at("search").addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    for (const name of ["search-regex", "search-case"]) toggle(name, () => {});
    at("search-found").addEventListener("click", (event) => this.clicked(event));
    socket.addEventListener("found", ({ detail }) => detail.id === this.id && this.found(detail.found));
    socket.addEventListener("search", ({ detail }) => detail.id === this.id && this.told(detail));
    for (const name of ["waiting", "closed"]) socket.addEventListener(name, () => this.lost());
  }

  open() {
    at("search").hidden = false;
    const [pattern] = this.page.find.patterns;
    if (pattern) {
      at("search-text").value = pattern.regex ? pattern.source : pattern.words;
      press(at("search-regex"), Boolean(pattern.regex));
      press(at("search-case"), pattern.flags === "g");
    }
    at("search-text").focus();
    at("search-text").select();
  }

  close() {
    this.cancel();
    at("search").hidden = true;
    at("search-found").replaceChildren();
    at("search-state").textContent = "";
    at("search-open").focus();
  }

  start() {
    const text = at("search-text").value;
    if (!text) return at("search-text").focus();
    const [regex, exact] = [pressed("search-regex"), pressed("search-case")];
    this.pattern = regex ? [] : compiled([{ source: escaped(text), flags: exact ? "g" : "gi" }]);
    at("search-found").replaceChildren();
    this.id += 1;
    const { stream } = this.page.range.values;
    const asked = { id: this.id, text, regex, case: exact, context: CONTEXT, most: MOST, stream };
    if (!this.page.socket.tell({ search: asked })) return this.say(say("search_lost"));
    this.set(true);
    this.say(say("searching", { hits: "0", lines: "0" }));
  }

  cancel() {
    if (this.going) this.page.socket.tell({ cancel: true });
    this.set(false);
  }

  lost() {
    if (!this.going) return;
    this.set(false);
    this.say(say("search_lost"));
  }

  set(going) {
    this.going = going;
    at("search-state").ariaLive = going ? "off" : "polite"; // how far it is changes too often to be read out
    at("search-go").textContent = say(going ? "search_cancel" : "search_go");
    at("search-go").classList.toggle("p", !going);
  }

  told({ state, lines, hits, slow, text }) {
    const numbers = { hits: hits.toLocaleString(language), lines: lines.toLocaleString(language) };
    if (state !== "running") this.set(false);
    const words = state === "running" ? say("searching", numbers) : say("searched", numbers);
    this.say([words, text, slow ? say("search_slow", { n: slow.toLocaleString(language) }) : ""].filter(Boolean).join(" "));
  }

  say(words) {
    at("search-state").textContent = words;
  }

  found(found) {
    const rows = document.createDocumentFragment();
    for (const { line, marks } of found) {
      if (marks & APART) rows.append(document.createElement("hr"));
      rows.append(this.row(line, marks));
    }
    at("search-found").append(rows);
  }

  row(line, marks) {
    const { look } = this.page;
    const ranges = marks & MATCH && this.pattern.length ? match(this.pattern, plain(line.text)) ?? [] : [];
    const row = rowOf(line, {
      ...look,
      current: null,
      marked: () => Boolean(marks & MATCH),
      marks: () => ranges,
      folds: () => false,
      link: () => `#${placeOf(line, this.page.several)}`,
    });
    const link = row.querySelector(".ln");
    link.tabIndex = marks & MATCH ? 0 : -1;
    link.textContent = say("search_jump");
    if (marks & SLOW) row.querySelector(".m").append(say("search_slow_line"));
    return row;
  }

  clicked(event) {
    const row = event.target.closest(".l");
    if (!row || event.ctrlKey || event.metaKey || event.target.closest(".m a")) return;
    event.preventDefault();
    if (!document.getSelection().isCollapsed) return;
    const { line } = row;
    const { marking } = this.page;
    const ns = (BigInt(line.high) << 32n) | BigInt(line.low);
    marking.goTo([{ source: line.source, ns, high: line.high, low: line.low, ordinal: line.ordinal }]);
  }
}
