// The log's keys: they count only while the log has the focus.

import { at } from "./log_page.js";
import { copy } from "./log_marking.js";

const MANY = 5000; // lines from where the browser's own find does not reach all

export function keys(page) {
  const { marking, view } = page;
  const does = {
    n: () => page.find.step(1),
    N: () => page.find.step(-1),
    j: () => marking.step(1),
    k: () => marking.step(-1),
    J: () => marking.step(1, true),
    K: () => marking.step(-1, true),
    c: () => marking.from && copy(marking.text()),
    y: () => marking.from && copy(location.href),
    w: () => at("wrap").click(),
    t: () => at("time").click(),
    f: () => page.follow(true),
    g: () => { page.follow(false); at("box").scrollTop = 0; },
    G: () => page.follow(true),
    Enter: () => marking.to && marking.unfold(marking.to),
    Escape: () => marking.mark(null),
  };
  at("box").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !does[event.key]) return;
    if (event.key === "Enter" && event.target.closest("a, button")) return;
    event.preventDefault();
    does[event.key]();
  });
  addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && event.key === "f";
    if (!wanted || (view.count <= MANY && !page.find.filtering)) return;
    event.preventDefault();
    at("find").focus();
    at("find").select();
  });
}
